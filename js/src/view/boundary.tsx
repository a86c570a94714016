/** An error boundary: a component that fails does not break the rest of the card. */

import { Component, type ComponentChildren } from "preact";

interface Props {
  /** The name of the part, as it is written within a sentence. */
  name: string;
  /** The part is drawn again when this changes. */
  version?: unknown;
  children: ComponentChildren;
}

export class Boundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static override getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override componentDidUpdate(before: Props): void {
    if (before.version !== this.props.version && this.state.error) this.setState({ error: null });
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div class="broken-part" role="alert">
        <b>The {this.props.name} could not be drawn.</b> <span>{error.message.slice(0, 300)}</span>{" "}
        <button type="button" class="link" onClick={() => this.setState({ error: null })}>
          Try again
        </button>
      </div>
    );
  }
}
