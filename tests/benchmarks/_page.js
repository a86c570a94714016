// Added to every page of the benchmark before anything else runs in it: what was sent, and when things are painted.
window.probe = { executed: null, replied: null, asked: {}, tasks: [], gaps: [] };
{
  const send = WebSocket.prototype.send;
  const kind = /"method":"custom","content":\{[^{}]*?"kind":"(\w+)"/;
  WebSocket.prototype.send = function (data) {
    const at = performance.now();
    const text = typeof data === "string" ? data : new TextDecoder().decode(data);
    if (text.includes('"msg_type":"execute_request"')) probe.executed = at;
    const asked = text.match(kind) ?? text.match(/"kind":"(\w+)"/);
    if (asked) probe.asked[asked[1]] ??= at;
    return send.call(this, data);
  };
  const heard = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
  Object.defineProperty(WebSocket.prototype, "onmessage", {
    ...heard,
    set(handler) {
      heard.set.call(this, function (event) {
        const at = performance.now();
        const head = event.data instanceof ArrayBuffer ? event.data.slice(0, 1000) : new ArrayBuffer(0);
        if (/"msg_type": ?"execute_reply"/.test(new TextDecoder().decode(head))) probe.replied = at;
        return handler?.call(this, event);
      });
    },
  });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) probe.tasks.push(task.duration);
  }).observe({ type: "longtask" });

  const TIME = /\d\d:\d\d:\d\d/;
  /** Every element below a node, those of open shadow trees included. */
  function* below(node) {
    for (const child of node.children) {
      yield child;
      if (child.shadowRoot) yield* below(child.shadowRoot);
      yield* below(child);
    }
  }
  const isSeen = (element) => element.getClientRects().length > 0 && TIME.test(element.textContent);

  /** The time of the first task after the frame in which `holds` was true: what it speaks of is on screen then. */
  probe.painted = (holds) =>
    new Promise((resolve) => {
      const look = () => {
        if (!holds()) return requestAnimationFrame(look);
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      };
      requestAnimationFrame(look);
    });

  const first = (root, selector) => {
    for (const element of below(root)) if (element.matches(selector)) return element;
    return null;
  };
  probe.card = (cell) => first(cell, "article");
  probe.lines = (card) => card?.querySelector('[aria-label="Log lines"]:is([role=grid], [role=table])');
  const rowsOf = (card) => {
    const rows = probe.lines(card)?.querySelectorAll("[role=row][aria-rowindex]") ?? [];
    return [...rows].filter((row) => !row.querySelector("[role=columnheader]"));
  };

  /** Whether a log line stands in the output of a cell, drawn by whichever tool. */
  probe.hasRows = (cell, tool) => {
    if (tool === "card") return rowsOf(probe.card(cell)).some(isSeen);
    const rows = tool === "pandas" ? cell.querySelectorAll("table.dataframe tbody tr") : below(cell);
    for (const row of rows) if (row.localName === "tr" && row.querySelector("td") && isSeen(row)) return true;
    return false;
  };

  /** The element that scrolls a table: itself, something in it, or something round it. */
  probe.scroller = (table) => {
    const card = table.closest("article");
    const room = (element) => element.scrollHeight - element.clientHeight;
    const all = [table, ...table.querySelectorAll("*")];
    for (let up = table.parentElement; up && up !== card; up = up.parentElement) all.push(up);
    return all
      .filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowY))
      .reduce((a, b) => (room(b) > room(a) ? b : a));
  };
  /** The rows of the log that can be seen, each with its number. */
  probe.visible = (card) => {
    const frame = probe.scroller(probe.lines(card)).getBoundingClientRect();
    return rowsOf(card).filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > frame.top + 1 && top < frame.bottom - 1;
    });
  };
  const isLine = (row) => TIME.test(row.textContent);
  probe.isAt = (card, low, high) => {
    const rows = probe.visible(card).filter(isLine);
    const inside = (row) => +row.ariaRowIndex >= low && +row.ariaRowIndex <= high;
    return rows.length > 3 && rows.every(inside);
  };
  /** Whether every line in sight is a hit, or where all lines are shown, whether hits are marked among them. */
  probe.allMatch = (card, pattern) => {
    const rows = probe.visible(card).filter(isLine);
    const marked = rows.some((row) => row.querySelector("mark") && pattern.test(row.textContent));
    return marked || (rows.length > 0 && rows.every((row) => pattern.test(row.textContent)));
  };
  const squeezed = (element) => element.textContent.replace(/[\s,]/g, "");
  probe.says = (card, hits) => {
    const words = new RegExp(`(^|\\D)${hits}(hit|lines?match)|of${hits}(\\D|$)`);
    const places = card.querySelectorAll("[role=status], [role=search]");
    return [...places].some((place) => words.test(squeezed(place)));
  };
  probe.type = (card, text) => {
    const line = card.querySelector("[role=combobox]");
    const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(line), "value").set;
    set.call(line, text);
    line.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  /** Notes how far apart frames are until the page is asked to stop. */
  probe.watch = () => {
    let last = performance.now();
    probe.gaps = [];
    probe.tasks = [];
    probe.isWatching = true;
    const frame = (now) => {
      probe.gaps.push(now - last);
      last = now;
      if (probe.isWatching) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  };
}
