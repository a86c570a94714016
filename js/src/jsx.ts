/** Put into every bundled file: calls of `h` are shorter than those of the automatic JSX runtime. */
export { Fragment, h } from "preact";
