"""The front end's code: one model per notebook holds it, and a short loader in each card fetches it from there."""

from __future__ import annotations

import gzip
import threading
from functools import cache

import anywidget
import traitlets

from flowrun_widgets.forks import in_child, unlocked_in_child
from flowrun_widgets.report.scripts import script

__all__ = ["LOADER", "CardCode", "card_code"]

LOADER = """
const pages = (globalThis.__flowrun ??= new Map());
const text = (view) => new Response(
  new Blob([view]).stream().pipeThrough(new DecompressionStream("gzip"))).blob();
const asked = (model) => new Promise((found) => {
  const hear = (content, buffers) => {
    if (content?.kind !== "code" || !buffers?.length) return;
    model.off("msg:custom", hear);
    found(buffers[0]);
  };
  model.on("msg:custom", hear);
  model.send({ kind: "code", view: "loader", n: 0, snapshot: 0 });
});
async function held({ model, host }) {
  const id = model.get("code");
  const ways = [() => host.getModel("anywidget:" + id), () => model.widget_manager.get_model(id)];
  for (const way of ways) {
    try {
      const code = (await way()).get("code");
      if (code?.byteLength) return code;
    } catch {}
  }
  throw new Error("The code of the card is not in this page.");
}
async function load(model, find) {
  const key = model.get("code_hash");
  if (!pages.has(key)) {
    pages.set(key, find().then(text).then((code) => {
      const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      return import(/* webpackIgnore: true */ url).finally(() => URL.revokeObjectURL(url));
    }));
    pages.get(key).catch(() => pages.delete(key));
  }
  return (await pages.get(key)).default;
}
export default {
  async initialize(context) {
    const card = await load(context.model, () => held(context)).catch(() => null);
    await card?.initialize(context);
  },
  async render(context) {
    const { model } = context;
    const find = () => held(context).catch(() => asked(model));
    return (await load(model, find).catch(() => load(model, find))).render(context);
  },
};
"""


class CardCode(anywidget.AnyWidget):
    """A model that is never displayed and holds the compressed code as a trait."""

    _esm = "export default {};\n"
    code = traitlets.Bytes().tag(sync=True)


@cache
def compressed() -> bytes:
    """Return the front end's code.

    Raises:
        FlowRunError: the package was installed without the front end.
    """
    return gzip.compress(script("card.js"), mtime=0)


_lock = unlocked_in_child(threading.Lock())
_model: CardCode | None = None
_of_parents: list[CardCode | None] = []


def _leave_to_parent(_: object) -> None:
    global _model
    _of_parents.append(_model)
    _model = None


in_child(_lock, _leave_to_parent)


def card_code() -> CardCode:
    """Return this kernel's model of the code, created on the first call."""
    global _model
    with _lock:
        if _model is None or _model.comm is None:
            _model = CardCode(code=compressed())
        return _model
