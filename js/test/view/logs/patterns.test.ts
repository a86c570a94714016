/** Lines of one pattern as one row. */

import { beforeEach, describe, expect, it } from "vitest";
import type { Template } from "../../../src/protocol/wire";
import {
  all,
  answerQuery,
  button,
  click,
  field,
  model,
  one,
  put,
  settled,
  show,
  text,
  words,
  write,
} from "../../page";
import { payload } from "../../samples";
import { second } from "../../task-samples";

const ROWS: Template[] = [
  ["message <int> of <int>", 41_000, second(0), second(90), 20, "/^message/"],
  ["odd", 1, second(5), second(5), null, "odd"],
];

const answer = async () => {
  model.answer(model.newest("templates"), { kind: "templates", rows: ROWS, lines: 60 });
  await settled();
};

beforeEach(async () => {
  await show(payload());
  await answerQuery(60);
  await click(button("Patterns"));
});

describe("patterns", () => {
  it("are asked for when they are looked at, and listed with their counts, levels and times", async () => {
    expect(text()).toContain("Finding patterns…");
    await answer();
    expect(
      all("tbody tr").map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)),
    ).toEqual([
      ["41\u202f000", "INFO", "12:00:00", "12:01:30", "message <int> of <int>", ""],
      ["1", "", "12:00:05", "12:00:05", "odd", ""],
    ]);
    expect(all("tbody i").map((slot) => slot.textContent)).toEqual(["<int>", "<int>"]);
    expect(model.allAsked("templates")).toHaveLength(1);
  });

  it("lead to their lines", async () => {
    await answer();
    await click(one("tbody button.link"));
    expect([field().value, one(".patterns")]).toEqual(["/^message/", null]);
    expect(model.newest("query").query.lines).toBe("hits");
  });

  it("are asked for again for another text, and for another snapshot", async () => {
    await answer();
    await write("level:error");
    await answerQuery(3);
    expect(model.allAsked("templates").map(({ query }) => query.text)).toEqual(["", "level:error"]);
    await answer();
    await put(payload({ snapshot: 2, header: { name: "b" } }), () => text().includes("/b"));
    await answerQuery(3);
    expect(model.newest("templates")).toMatchObject({ snapshot: 2 });
  });

  it("that cannot be found say why", async () => {
    const notice = { kind: "info", text: "Only a part.", detail: null, at: 1 } as const;
    model.answer(model.newest("templates"), { kind: "failed", notice });
    await settled();
    expect(words(".patterns")).toBe("Only a part.");
  });

  it("are copied as the Python expression for their values", async () => {
    await answer();
    await click(one("tbody [aria-label^='Copy the Python']"));
    expect(await navigator.clipboard.readText()).toBe(
      'fw.card("amber-heron").flow_run.get_logs().extract("message <int> of <int>")',
    );
  });
});
