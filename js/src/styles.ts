import adapt from "./styles/adapt.css";
import base from "./styles/base.css";
import details from "./styles/details.css";
import head from "./styles/head.css";
import logs from "./styles/logs.css";
import tables from "./styles/tables.css";
import timeline from "./styles/timeline.css";

/** Everything is scoped under `.frw`; what adapts to width, motion and contrast comes last. */
export const STYLES = [base, head, logs, tables, timeline, details, adapt]
  .join("\n")
  .replace(/\$(\w)/g, "var(--$1)")
  .replaceAll("@(", "color-mix(in srgb,");
