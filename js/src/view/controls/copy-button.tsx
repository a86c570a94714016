import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useHost } from "../context";
import { Icon } from "./icons";

const SHOWN_MS = 1600;

interface Props {
  text: string;
  class: string;
  label?: string;
  title?: string;
  tabIndex?: number;
  hasIcon?: boolean;
  children?: ComponentChildren;
}

/** A button that copies a text and shows the outcome for a moment. */
export function CopyButton(props: Props) {
  const { text, label, title = label, tabIndex, hasIcon = true, children } = props;
  const { copyText } = useHost();
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    if (outcome === "") return;
    const timer = setTimeout(() => setOutcome(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (event: MouseEvent) => {
    event.stopPropagation();
    const isDone = await copyText(text, event.currentTarget as HTMLElement);
    setOutcome(isDone ? "Copied" : "Copy failed");
  };
  return (
    <button
      type="button"
      class={props.class}
      onClick={copy}
      aria-label={label}
      title={title}
      tabIndex={tabIndex}
    >
      {hasIcon && <Icon name="copy" />}
      {outcome || children}
      <span class="unseen" role="status">
        {outcome}
      </span>
    </button>
  );
}
