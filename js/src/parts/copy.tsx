import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { copyText } from "../clipboard";
import { icon } from "./icons";

const SHOWN_MS = 1600;

interface Props {
  text: string;
  kind: string;
  label?: string;
  title?: string;
  tabIndex?: number;
  hasIcon?: boolean;
  children?: ComponentChildren;
}

/** A button that copies a text and says so for a moment. */
export function CopyButton({
  text,
  kind,
  label,
  title,
  tabIndex,
  hasIcon = true,
  children,
}: Props) {
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    if (outcome === "") return;
    const timer = setTimeout(() => setOutcome(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (event: MouseEvent) => {
    event.stopPropagation();
    const isDone = await copyText(text, event.currentTarget as HTMLElement);
    setOutcome(isDone ? "Copied" : "Not allowed here");
  };
  return (
    <button
      type="button"
      class={kind}
      onClick={copy}
      aria-label={label}
      title={title ?? label}
      tabIndex={tabIndex}
    >
      {hasIcon && icon("copy")}
      {outcome || children}
      <span class="vh" role="status">
        {outcome}
      </span>
    </button>
  );
}
