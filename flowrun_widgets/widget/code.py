"""The front end's code: one model per notebook holds each script, and a short loader in each widget fetches it."""

from __future__ import annotations

import gzip
import hashlib
import threading
from functools import cache

import anywidget
import traitlets

from flowrun_widgets.forks import in_child, unlocked_in_child
from flowrun_widgets.report.scripts import script

__all__ = ["LOADER", "Code", "code_hash", "code_model", "compressed"]

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
const loader = {
  async initialize(context) {
    const card = await load(context.model, () => held(context)).catch(() => null);
    await card?.initialize(context);
  },
  async render(context) {
    const { model } = context;
    const find = () => held(context).catch(() => asked(model));
    const draw = (other, el) => loader.render({ ...context, model: other, el });
    const page = await load(model, find).catch(() => load(model, find));
    return page.render({ ...context, draw });
  },
};
export default loader;
"""


class Code(anywidget.AnyWidget):
    """A model that is never displayed and holds a compressed script as a trait."""

    _esm = "export default {};\n"
    code = traitlets.Bytes().tag(sync=True)


@cache
def compressed(name: str) -> bytes:
    """Return a script of the front end.

    Raises:
        FlowRunError: the package was installed without the front end.
    """
    return gzip.compress(script(name), mtime=0)


@cache
def code_hash(name: str) -> str:
    """Return what tells versions of a script apart."""
    return hashlib.sha256(compressed(name)).hexdigest()[:16]


_lock = unlocked_in_child(threading.Lock())
_models: dict[str, Code] = {}
_of_parents: list[Code] = []


def _leave_to_parent(_: object) -> None:
    _of_parents.extend(_models.values())
    _models.clear()


in_child(_lock, _leave_to_parent)


def code_model(name: str) -> Code:
    """Return this kernel's model of a script, created on the first call."""
    with _lock:
        known = _models.get(name)
        if known is None or known.comm is None:
            known = _models[name] = Code(code=compressed(name))
        return known
