import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { copyText } from "../clipboard";
import { Icon } from "./icons";

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
  const outcome = useSignal<"" | "Copied" | "Not allowed here">("");
  useEffect(() => {
    if (outcome.value === "") return;
    const timer = setTimeout(() => {
      outcome.value = "";
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome.value]);
  const copy = async (event: MouseEvent) => {
    event.stopPropagation();
    const isDone = await copyText(text, event.currentTarget as HTMLElement);
    outcome.value = isDone ? "Copied" : "Not allowed here";
  };
  return (
    <button
      type="button"
      class={kind}
      onClick={copy}
      aria-label={label}
      title={title}
      tabIndex={tabIndex}
    >
      {hasIcon && <Icon name="copy" />}
      {outcome.value || children}
      <span class="vh" role="status">
        {outcome.value}
      </span>
    </button>
  );
}
