// @vitest-environment happy-dom

import { render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { beforeEach, describe, expect, it, vi } from "vitest";

let el: HTMLElement;
const draw = (what: unknown) => render(what as never, el);
const turn = () => new Promise((done) => setTimeout(done));

beforeEach(() => {
  el = document.createElement("div");
  document.body.replaceChildren(el);
});

describe("what is drawn", () => {
  it("is text where it is text, whatever it says", () => {
    draw(<p title={"<b>"}>{"<img src=x>"}</p>);
    expect([el.textContent, el.querySelector("p")?.title, el.querySelector("img")]).toEqual([
      "<img src=x>",
      "<b>",
      null,
    ]);
  });

  it("leaves out what is nothing, and shows zero", () => {
    draw([null, undefined, false, true, 0, "", [1, [2]]]);
    expect(el.textContent).toBe("012");
  });

  it("keeps the elements of a list by their keys, in any order", () => {
    const list = (keys: string) =>
      [...keys].map((key) => (
        <li key={key} id={key}>
          {key}
        </li>
      ));
    let seed = 1;
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    draw(<ul>{list("abcdef")}</ul>);
    for (let i = 0; i < 200; i++) {
      const before = new Map([...el.querySelectorAll("li")].map((li) => [li.id, li]));
      const keys = [..."abcdefgh"].filter(() => next() < 0.7).sort(() => next() - 0.5);
      draw(<ul>{list(keys.join(""))}</ul>);
      const after = [...el.querySelectorAll("li")];
      expect(after.map(({ id }) => id)).toEqual(keys);
      for (const li of after) if (before.has(li.id)) expect(before.get(li.id)).toBe(li);
    }
  });

  it("does not take the focus from an element that stays while others come and go", () => {
    const rows = (from: number) =>
      Array.from({ length: 5 }, (_, i) => (
        <button key={from + i} type="button" id={`r${from + i}`} />
      ));
    draw(rows(0));
    const third = el.querySelector<HTMLElement>("#r3");
    third?.focus();
    const lost = vi.fn();
    third?.addEventListener("blur", lost);
    draw(rows(2));
    draw(rows(1));
    expect([document.activeElement, lost.mock.calls.length]).toEqual([third, 0]);
  });

  it("takes away attributes, styles and listeners that are not described any more", () => {
    const heard = vi.fn();
    draw(
      <button
        type="button"
        class="a"
        aria-pressed={false}
        hidden
        style={{ top: "1px" }}
        onClick={heard}
      />,
    );
    const button = el.querySelector("button") as HTMLButtonElement;
    expect([button.getAttribute("aria-pressed"), button.hidden, button.style.top]).toEqual([
      "false",
      true,
      "1px",
    ]);
    button.click();
    draw(<button type="button" hidden={false} />);
    button.click();
    expect(button.outerHTML.replace(' style=""', "")).toBe('<button type="button"></button>');
    expect(heard).toHaveBeenCalledOnce();
  });

  it("leaves alone what is described by the very same", () => {
    const part = vi.fn(() => <i />);
    const Part = part as never as () => never;
    const Whole = ({ n }: { n: number }) => (
      <p>
        {n}
        {useMemo(
          () => (
            <Part />
          ),
          [],
        )}
      </p>
    );
    draw(<Whole n={1} />);
    draw(<Whole n={2} />);
    expect([el.textContent, part.mock.calls.length]).toEqual(["2", 1]);
  });

  it("leaves caret and selection of a field alone while it says what it should", () => {
    draw(<input value="abc" />);
    const input = el.querySelector("input") as HTMLInputElement;
    input.focus();
    input.setSelectionRange(1, 2);
    draw(<input value="abc" title="other" />);
    expect([input.selectionStart, input.selectionEnd, input.title]).toEqual([1, 2, "other"]);
  });

  it("draws what is inside a drawing in its namespace, and what is beside it not", () => {
    draw(
      <p>
        <svg aria-hidden="true">
          <g>
            <path d="M0 0" />
          </g>
        </svg>
        <i />
      </p>,
    );
    const names = [...el.querySelectorAll("*")].map(({ localName, namespaceURI }) => [
      localName,
      namespaceURI?.includes("svg"),
    ]);
    expect(names).toEqual([
      ["p", false],
      ["svg", true],
      ["g", true],
      ["path", true],
      ["i", false],
    ]);
  });

  it("hears by the newest listener alone; one that returns true has dealt with the event", () => {
    const told: string[] = [];
    const say = (word: string, isDone: boolean) => () => {
      told.push(word);
      return isDone;
    };
    draw(<i onClick={say("old", false)} />);
    draw(<i onClick={say("new", true)} />);
    const event = new MouseEvent("click", { cancelable: true });
    el.querySelector("i")?.dispatchEvent(event);
    expect([told, event.defaultPrevented]).toEqual([["new"], true]);
  });

  it("writes what a field should say even if the reader wrote otherwise", () => {
    draw(<input value="a" />);
    const input = el.querySelector("input") as HTMLInputElement;
    input.value = "ab";
    draw(<input value="a" />);
    expect(input.value).toBe("a");
  });
});

describe("a part", () => {
  it("begins its effects when it is in place, ends them when they begin anew or it goes", () => {
    const told: string[] = [];
    const Part = ({ n }: { n: number }) => {
      const place = useRef<HTMLParagraphElement>(null);
      useEffect(() => {
        told.push(`begin ${n} ${place.current?.isConnected}`);
        return () => told.push(`end ${n}`);
      }, [n]);
      return <p ref={place} />;
    };
    draw(<Part n={1} />);
    draw(<Part n={1} />);
    draw(<Part n={2} />);
    draw(null);
    expect(told).toEqual(["begin 1 true", "end 1", "begin 2 true", "end 2"]);
    expect(el.innerHTML).toBe("");
  });

  it("is drawn again alone, in its own place, for what it keeps itself", async () => {
    let set: (n: number) => void = () => {};
    const Part = () => {
      const [n, setN] = useState(0);
      set = setN;
      return n === 0 ? null : <b>{n}</b>;
    };
    draw([<i key="i" />, <Part key="p" />, <u key="u" />]);
    set(1);
    await turn();
    expect(el.innerHTML).toBe("<i></i><b>1</b><u></u>");
    set(0);
    await turn();
    expect(el.innerHTML).toBe("<i></i><u></u>");
  });

  it("begins its effects before those of what is inside, and ends them so; none of what is gone is drawn", async () => {
    const told: string[] = [];
    let set: (n: number) => void = () => {};
    const Part = ({ name, children }: { name: string; children?: never }) => {
      useEffect(() => {
        told.push(`begin ${name}`);
        return () => told.push(`end ${name}`);
      }, []);
      const [, setN] = useState(0);
      if (name === "inner") set = setN;
      return children ?? null;
    };
    draw(<Part name="outer">{(<Part name="inner" />) as never}</Part>);
    set(1);
    draw(null);
    await turn();
    expect(told).toEqual(["begin outer", "begin inner", "end outer", "end inner"]);
  });
});
