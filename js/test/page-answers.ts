/** Reads logs with questions, and prints what a page answers: `tests/export/test_page_answers.py` compares. */

import { readFileSync } from "node:fs";
import type { Begun } from "../src/engine/attempts";
import { Log } from "../src/engine/log";
import type { AnswerBody, QuestionBody } from "../src/protocol/wire";
import { MemorySource } from "../src/sources/memory";
import { addLines, type Columns, type Names, noLines } from "../src/sources/page-lines";

interface Asked {
  names: Names;
  blocks: Columns[];
  begun: Begun[];
  idle: [number, number][];
  startedAt: number | null;
  pins: number[];
  fileName: string;
  questions: QuestionBody[];
}

/** An answer, and the text that comes with it. */
type Said = AnswerBody & { content?: string };

function memoryOf({ names, blocks, begun, idle, startedAt, pins, fileName }: Asked): MemorySource {
  const { rows, ...facts } = noLines(names, begun);
  for (const block of blocks) addLines({ rows, ...facts }, names, block);
  const log = new Log(rows, { ...facts, idle, startedAt });
  return new MemorySource({
    log: () => log,
    tasks: () => [],
    pins: () => pins,
    fileName: () => fileName,
  });
}

function answersOf(memory: MemorySource, question: QuestionBody): Promise<Said[]> {
  return new Promise((resolve) => {
    const said: Said[] = [];
    memory.ask(question, (answer, { buffers = [] } = {}) => {
      const content = buffers.map((buffer) => new TextDecoder().decode(buffer)).join("");
      said.push(buffers.length > 0 ? { ...answer, content } : answer);
      if (answer.kind !== "rows" || question.kind === "rows") resolve(said);
    });
  });
}

const all: Asked[] = JSON.parse(readFileSync(0, "utf8"));
const told: Said[][][] = [];
for (const asked of all) {
  const memory = memoryOf(asked);
  const said: Said[][] = [];
  for (const question of asked.questions) said.push(await answersOf(memory, question));
  told.push(said);
}
console.log(JSON.stringify(told));
