import { readFileSync } from "node:fs";
import type { AnswerBody, QuestionOf } from "../src/core/local";
import type { Begun } from "../src/page/attempts";
import { addLines, type Columns, type Lines, type Names } from "../src/page/lines";
import { WholeLog } from "../src/page/log";
import { templatesOf } from "../src/page/templates";

/** Reads logs with questions, and prints what a page answers: `tests/export/test_page_answers.py` compares. */

interface Asked {
  names: Names;
  blocks: Columns[];
  begun: Begun[];
  idle: [number, number][];
  startedAt: number | null;
  pins: number[];
  questions: QuestionOf[];
}

async function answersOf(
  log: WholeLog,
  question: QuestionOf,
  pins: number[],
): Promise<AnswerBody[]> {
  if (question.kind === "look") return log.look(question);
  if (question.kind === "rows") return log.window(question);
  if (question.kind === "find") return log.find(question, pins);
  if (question.kind === "line") return log.line(question.seq);
  if (question.kind === "suggest") return log.suggest(question);
  if (question.kind !== "templates") throw new Error(`Nobody answers ${question.kind}.`);
  const hits = log.hits(question.look);
  const rows = await templatesOf(hits, async () => {});
  return [{ kind: "templates", rows, lines: hits.length }];
}

async function main(): Promise<void> {
  const told: AnswerBody[][][] = [];
  const all: Asked[] = JSON.parse(readFileSync(0, "utf8"));
  for (const { names, blocks, begun, idle, startedAt, pins, questions } of all) {
    const lines: Lines = { rows: [], places: [], begun };
    for (const block of blocks) addLines(lines, names, block);
    const log = new WholeLog(lines.rows, { places: lines.places, begun, idle, startedAt });
    told.push(await Promise.all(questions.map((question) => answersOf(log, question, pins))));
  }
  console.log(JSON.stringify(told));
}

await main();
