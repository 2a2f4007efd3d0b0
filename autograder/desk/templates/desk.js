// The desk: keys, saving at each change, and the next answer without a new page. Without this file the forms work too.
"use strict";
(() => {
  const part = document.getElementById("part");
  if (!part) return;
  const status = document.getElementById("status");
  const help = document.getElementById("help");
  const ahead = new Map(); // pages fetched ahead, by address
  const AHEAD_MS = 15000;
  const REST_MS = 150; // after a save; whoever gives several items in one go makes the desk fetch once
  let queue = Promise.resolve();
  let waiting = 0;
  let typing = null;
  let resting = null;
  let unsaved = false; // something on the page is neither kept nor on its way to the desk
  let held = ""; // why what was typed is not saved by itself: it was written about what is no longer so
  let inputs = 0; // so many times something was typed
  let failures = 0; // so many marks were not kept
  let moving = false; // the page is about to be another one
  let leaving = false; // another page is being loaded
  let picking = false; // an old comment is being chosen with the mouse
  const typedIn = new Set(); // the fields in which something was typed that is not kept yet
  const pressed = []; // keys that were pressed during a move: they are meant for the next answer

  const $ = (id) => document.getElementById(id);
  const answer = () => $("answer");
  const say = (text, wrong = false) => {
    status.textContent = text;
    status.classList.toggle("wrong", wrong);
  };

  // ---- points --------------------------------------------------------------------------------------------

  const items = () => [...document.querySelectorAll('input[name="item"]')];
  const ticked = () => items().filter((it) => it.checked);
  const most = () => Number(answer().dataset.most);
  const sum = () => Math.min(most(), ticked().reduce((all, it) => all + Number(it.dataset.points), 0));
  const typed = () => {
    const text = $("points").value.trim().normalize("NFKC").replace(",", ".").replace("1\u20442", ".5");
    return text === "" ? null : Number(text);
  };
  const shown = (points) => String(Math.round(points * 1e6) / 1e6);

  // ---- saving: one request after the other, so that each knows what the last one left -----------------------

  const notSoon = () => { clearTimeout(typing); typing = null; };
  const save = (points) => {
    notSoon();
    unsaved = false;
    held = "";
    const here = answer();
    const body = {
      points, items: ticked().map((it) => it.value), comment: $("comment").value, most: most(),
      answer: here.dataset.answer, together: Boolean($("together") && $("together").checked),
    };
    waiting += 1;
    queue = queue.then(() => send(here, body))
      .catch(() => lost(here, "the desk does not answer. Is convlab desk still running?"))
      .finally(() => { waiting -= 1; });
    return queue;
  };

  const lost = (here, why) => {
    failures += 1;
    unsaved = unsaved || here === answer();
    say(`Not saved: ${why}`, true);
  };
  const send = async (here, body) => {
    body.seen = here.dataset.seen.split(" ").filter(Boolean);
    const reply = await fetch(here.dataset.save, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true,
    });
    const told = await reply.json();
    if (!reply.ok) {
      lost(here, told.why);
      if (reply.status === 409 && here === answer()) await renew(here, told.why).catch(() => {});
      return;
    }
    here.dataset.seen = told.seen.join(" ");
    here.dataset.unmarked = told.unmarked;
    ahead.clear();
    if (here !== answer()) return;
    if (!unsaved) typedIn.clear();
    say(told.told);
    $("marked").textContent = told.progress;
    $("left").textContent = told.left;
    $("bar").value = told.marked;
    const given = $("given");
    given.textContent = told.points === null ? "not marked" : `${shown(told.points)} point${told.points === 1 ? "" : "s"}`;
    given.className = `verdict ${told.points === null ? "idle" : "good"}`;
    clearTimeout(resting);
    resting = setTimeout(() => { if (!moving) fetchAhead(); }, REST_MS);
  };
  // The answer as it is now, with what was typed: that is saved only when the person says so, having seen it.
  const renew = async (here, why) => {
    ahead.clear();
    const page = await fetched(here.dataset.save, "shown");
    if (here !== answer()) return;
    const at = document.activeElement;
    const caret = writing(at) ? at.selectionStart : 0;
    const texts = [...typedIn].map((id) => [id, $(id).value]);
    show(page);
    for (const [id, text] of texts) {
      if ($(id).value === text) continue;
      $(id).value = text;
      typedIn.add(id);
      unsaved = true;
      held = `Not saved: ${why}. What you typed is still here: Save keeps it.`;
    }
    if (at.id && $(at.id) && writing($(at.id))) { // who is typing types on, and presses no keys of the desk
      $(at.id).focus();
      $(at.id).setSelectionRange(caret, caret);
    }
    say(held || `Not saved: ${why}`, true);
  };

  const give = (points) => {
    $("points").value = points === null ? "" : shown(points);
    return save(points);
  };
  const ticking = (box) => {
    const id = box.value.replace(/\/2$/, "");
    if (box.checked) items().forEach((it) => { if (it !== box && it.value.replace(/\/2$/, "") === id) it.checked = false; });
    return give(sum());
  };
  const saveTyped = () => {
    const points = typed();
    notSoon();
    if (points !== null && !(points >= 0 && points <= most())) {
      say(`Points go from 0 to ${shown(most())}.`, true);
      return queue;
    }
    if (points === null && $("comment").value.trim() !== "") {
      say("Give points too: a comment is saved with them.", true);
      return queue;
    }
    return save(points);
  };
  const soon = () => {
    notSoon();
    typing = setTimeout(saveTyped, 300);
  };
  // Whether all of this answer is kept now. Where it is not, the page has said why, and nobody may go on.
  const finish = async (before = failures) => {
    if (unsaved && held) {
      say(held, true);
      return false;
    }
    if (unsaved) saveTyped();
    for (let last; last !== queue;) await (last = queue);
    return !unsaved && failures === before;
  };
  const writing = (at) => part.contains(at) && at.matches("textarea, input:not([type=checkbox])");

  // ---- from answer to answer --------------------------------------------------------------------------------

  const fetched = (address, how) => {
    const kept = ahead.get(address);
    if (kept && performance.now() - kept.at < AHEAD_MS) return kept.text;
    const text = fetch(`${address}?part=${how}`).then((reply) => {
      if (!reply.ok) throw new Error("gone");
      return reply.text();
    });
    text.catch(() => ahead.delete(address));
    if (how === "ahead") ahead.set(address, { text, at: performance.now() });
    return text;
  };
  const fetchAhead = () => {
    const { next, unmarked } = answer().dataset;
    for (const address of new Set([unmarked, next])) if (address) fetched(address, "ahead");
  };

  const show = (html) => {
    notSoon();
    part.innerHTML = html;
    unsaved = false;
    held = "";
    typedIn.clear();
    const { marked, progress, left } = answer().dataset;
    $("marked").textContent = progress;
    $("left").textContent = left;
    $("bar").value = marked;
    $("answer-title").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };
  // One move at a time. Keys pressed during a move count once it is over, and not at all where it was refused:
  // they would be marks for the wrong answer.
  const alone = (move) => async (...more) => {
    if (moving) return;
    moving = true;
    let moved = false;
    try {
      moved = await move(...more);
    } catch {
      say("The desk does not answer. Is convlab desk still running?", true);
    } finally {
      moving = false;
    }
    const place = answer().dataset.save;
    if (!leaving && window.location.pathname !== place) history.pushState(null, "", place); // as after "back"
    const keys = moved ? pressed.splice(0) : [];
    pressed.length = 0;
    for (const key of keys) again(key);
  };
  const leave = (where) => {
    leaving = true;
    window.location.assign(where);
    return false;
  };
  const questionOf = (place) => place.split("/").slice(0, -1).join("/");
  const goTo = async (address, none, past = true, before = failures) => {
    if (!(await finish(before))) return false; // what was typed would be lost
    if (!address()) {
      say(none);
      return false;
    }
    const where = address();
    if (questionOf(where) !== questionOf(answer().dataset.save)) return leave(where);
    const at = document.activeElement, count = inputs;
    let page;
    try {
      const known = ahead.has(where);
      page = await fetched(where, "shown");
      if (known) fetch(`${where}?part=here`); // others see that someone is here
    } catch {
      return leave(where);
    }
    if (!(await finish(before))) return false; // typed, or ticked, while the page was on its way
    if (writing(document.activeElement) && (document.activeElement !== at || inputs !== count)) {
      say("Still here, since you are typing.");
      return false;
    }
    show(page);
    if (past) history.pushState(null, "", where);
    say("");
    fetchAhead();
    return true;
  };
  const go = alone(goTo);

  // ---- code, undo, comments -----------------------------------------------------------------------------------

  const openWork = async (id) => {
    const details = $("work");
    if (details.open && id && $(id) && document.activeElement === $(id)) {
      details.open = false;
      $("answer-title").focus();
      return;
    }
    const here = $("work-here");
    if (!here.dataset.loaded) {
      here.innerHTML = await (await fetch(answer().dataset.work)).text();
      here.dataset.loaded = "yes";
    }
    details.open = true;
    if (id && $(id)) $(id).focus();
  };
  const undo = alone(async () => {
    const before = failures;
    if (!(await finish(before))) return false;
    const reply = await fetch(`${document.body.dataset.base}/undo`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
    const told = await reply.json();
    ahead.clear();
    if (told.place) sessionStorage.setItem("said", told.told); // for the page of another question
    const there = Boolean(told.place) && (await goTo(() => told.place, "", true, before));
    if (!leaving) sessionStorage.removeItem("said");
    if (there || !told.place) say(told.told, !told.undone);
    return there;
  });
  const unmarked = alone(async () => {
    const before = failures;
    if (!(await finish(before))) return false;
    const here = answer().dataset;
    if (here.company) { // someone else marks too: what was next when this page was made may be taken now
      here.unmarked = (await (await fetch(here.company)).json()).place;
    }
    return goTo(() => here.unmarked, "No other answer is left to mark.", true, before);
  });
  const reuse = () => {
    const chosen = $("reuse").value;
    if (!chosen) return;
    const comment = $("comment");
    comment.value = comment.value.trim() ? `${comment.value.trimEnd()}\n${chosen}` : chosen;
    $("reuse").value = "";
    unsaved = true;
    typedIn.add("comment");
    saveTyped();
  };

  // ---- keys ---------------------------------------------------------------------------------------------------

  const toggle = (number, half) => {
    const box = items()[2 * (number - 1) + (half ? 1 : 0)];
    if (!box) return;
    box.checked = !box.checked;
    ticking(box);
  };
  const keys = {
    f: () => { items().forEach((it) => { it.checked = !it.value.endsWith("/2"); }); give(most()); },
    0: () => { items().forEach((it) => { it.checked = false; }); give(0); },
    w: () => { items().forEach((it) => { it.checked = false; }); $("comment").value = ""; give(null); },
    p: () => $("points").select(),
    c: () => $("comment").focus(),
    r: () => $("reuse") && $("reuse").focus(),
    n: () => go(() => answer().dataset.next, "This is the last answer."),
    b: () => go(() => answer().dataset.previous, "This is the first answer."),
    u: unmarked,
    z: undo,
    g: () => { const box = $("together"); if (box) { box.checked = !box.checked; say(box.checked ? "Your next change is also for the same answers." : "For this answer only."); } },
    x: () => openWork("code"),
    e: () => openWork("failed"),
    "/": () => $("q").focus(),
    "?": () => (help.open ? help.close() : help.showModal()),
  };
  keys.Enter = keys.u;
  const field = (it) => it.matches("textarea, select, input:not([type=checkbox])");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!moving || field(event.target)) heed(event, event.target); // what is typed into a field stays here
    else if (event.key.length === 1 || ["Enter", "Escape", "Backspace"].includes(event.key)) {
      event.preventDefault();
      pressed.push(event);
    }
  });
  const heed = (event, at) => {
    if (at.id === "reuse") {
      picking = false;
      if (event.key === "Escape") at.value = "";
    }
    if (event.key === "Escape" && at.closest("#part") && field(at)) {
      finish();
      $("answer-title").focus();
      return;
    }
    if (field(at) || (event.key === "Enter" && at.closest("a, button, summary")) || !$("keys-on").checked) return;
    if (help.open && event.key !== "?") return;
    const numbered = /^Digit([1-9])$/.exec(event.code);
    const act = numbered ? () => toggle(Number(numbered[1]), event.shiftKey) : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  // A key that was pressed during a move. One of these may start another move, which the rest wait for.
  const again = (event) => {
    const at = document.activeElement;
    if (moving) pressed.push(event);
    else if (!writing(at)) heed(event, at);
    else if (event.key === "Enter" && at.matches("input")) saveTyped();
    else if (event.key === "Escape") heed(event, at);
    else {
      const back = event.key === "Backspace";
      const from = at.selectionStart - (back && at.selectionStart === at.selectionEnd && at.selectionStart ? 1 : 0);
      at.setRangeText({ Backspace: "", Enter: "\n" }[event.key] ?? event.key, from, at.selectionEnd, "end");
      at.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  part.addEventListener("input", (event) => {
    if (event.target.id === "points" || event.target.id === "comment") {
      unsaved = true;
      inputs += 1;
      typedIn.add(event.target.id);
      if (!held) soon();
    }
  });
  part.addEventListener("change", (event) => {
    if (event.target.name === "item") ticking(event.target);
    if (event.target.id === "reuse" && picking) reuse();
  });
  // By keys each step in the list is a change: the comment is added when the list is left.
  part.addEventListener("pointerdown", (event) => { picking = event.target.id === "reuse"; });
  part.addEventListener("focusout", (event) => {
    if (event.target.id === "reuse" && event.target.isConnected) reuse();
    if (typing !== null && field(event.target)) finish();
  });
  part.addEventListener("submit", (event) => { event.preventDefault(); saveTyped(); });
  part.addEventListener("toggle", (event) => { if (event.target.id === "work" && event.target.open) openWork(""); }, true);
  part.addEventListener("click", (event) => {
    const to = { "go-next": "n", "go-previous": "b", "go-unmarked": "u" }[event.target.id];
    if (to && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      keys[to]();
    }
    if (event.target.id === "undo") undo();
  });
  $("help-button").addEventListener("click", keys["?"]);
  const on = $("keys-on");
  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  window.addEventListener("popstate", () => go(() => window.location.pathname, "", false));
  window.addEventListener("pagehide", finish);
  window.addEventListener("beforeunload", (event) => {
    finish();
    if (waiting || unsaved) event.preventDefault();
  });
  $("answer-title").focus({ preventScroll: true });
  say(sessionStorage.getItem("said") || "");
  sessionStorage.removeItem("said");
  fetchAhead();
})();
