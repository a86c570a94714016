export { default } from "./bridge";
