
"use strict";
const audit = (root) => {
  const PAGE = 50;
  const PRINTED = 1000;
  const MARKS = { fail: "✗", note: "i", unknown: "?", pass: "✓", not_applicable: "–" };
  const WORDS = { fail: "problem", note: "note", unknown: "unknown", pass: "in order", not_applicable: "does not apply" };
  const look = (it) => (it.verdict === "fail" && it.severity === "info" ? "note" : it.verdict);
  const { at } = root.dataset;
  const level = Number(root.dataset.level);
  const get = (name) => document.getElementById(at + name);
  const { findings, gaps, places, projects, rules } = JSON.parse(get("data").textContent);
  const form = get("filters");
  const query = get("query");
  const kind = get("kind");
  const subscription = get("subscription");
  const project = get("project");
  const grouping = get("grouping");
  const list = get("list");
  const more = get("more");
  const shown = get("shown");
  const hay = new Array(findings.length);
  let found = [];
  let heads = new Map();
  let drawn = 0;
  let rule = "";

  // Text enters the page only as text nodes, so that the name of a resource can never become markup.
  const make = (tag, name, ...children) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    for (const child of children) if (child !== null) element.append(child);
    return element;
  };
  const quoted = (text) => {
    const parts = document.createDocumentFragment();
    text.split("`").forEach((part, number, all) => {
      const closed = number % 2 === 1 && number < all.length - 1;
      if (closed) parts.append(part ? make("code", "", part) : "``");
      else parts.append((number % 2 === 1 ? "`" : "") + part);
    });
    return parts;
  };
  const named = (numbers) => numbers.map((number) => projects[number]).join(", ");
  const section = (title, ...content) => [make(`h${level + 3}`, "part", title), ...content];
  const link = (text, address) => {
    if (!address || !address.startsWith("https://")) return null;
    const anchor = make("a", "", text);
    anchor.href = address;
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
    return anchor;
  };
  const where = (it) => {
    const [name, id, group, owners, account, region] = places[it.place];
    const told = make("dl", "place");
    const tell = (label, text, more) => {
      if (text) told.append(make("dt", "", label), make("dd", "", make("bdi", "", text), more ? make("span", "dim", ` ${more}`) : null));
    };
    tell("Subscription", name, id === name ? "" : id);
    tell("Resource group", group);
    tell("Region", region);
    tell(owners.length > 1 ? "Projects" : "Project", named(owners));
    tell("Account", account);
    const links = [link("Open in the portal", it.portal), link("About this rule", rules[it.rule])].filter(Boolean);
    const row = make("p", "links");
    links.forEach((one) => row.append(one, " "));
    return [told.childElementCount ? told : null, links.length ? row : null];
  };

  const path = (steps) => {
    const way = make("ol", "path");
    for (const [type, text, ids] of steps) {
      way.append(make("li", type, quoted(text), ...ids.map((id) => make("small", "", id))));
    }
    return way;
  };
  const command = (text) => {
    const row = make("div", "command", make("pre", "", text));
    if (navigator.clipboard) {
      const copy = make("button", "", "Copy");
      copy.type = "button";
      copy.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(text);
          copy.textContent = "Copied";
        } catch {
          copy.textContent = "Select and copy";
        }
      });
      row.append(copy);
    }
    return row;
  };
  const fix = (it) => {
    const item = make("li", "", make("strong", "", quoted(it.title)));
    if (!it.safe) item.append(" ", make("span", "danger", "can lose something"));
    if (it.portal.length) item.append(make("ol", "", ...it.portal.map((step) => make("li", "", quoted(step)))));
    for (const [shell, text] of it.az) item.append(...(shell ? [make("p", "dim", `In ${shell}:`)] : []), command(text));
    if (it.changes) item.append(make("p", "dim", "Changes: ", quoted(it.changes)));
    if (it.by) item.append(make("p", "dim", "Who can: ", quoted(it.by)));
    if (it.undo.length) {
      item.append(make("p", "dim", "Undo: ", quoted(it.undo[0])));
      for (const [shell, text] of it.undo[1]) item.append(...(shell ? [make("p", "dim", `In ${shell}:`)] : []), command(text));
    }
    return item;
  };
  const unread = (number) => {
    const [what, scope, answer, needs] = gaps[number];
    const item = make("li", "", make("code", "", what), " at ", make("code", "", scope), ": ", quoted(answer));
    if (needs) item.append("; it needs ", make("code", "", needs));
    return item;
  };
  const undecidable = (number) => make("li", "", quoted(gaps[number][2]));
  const body = (it) => {
    const parts = make("div", "body", make("p", "", quoted(it.message)), ...where(it));
    if (it.suppressed) parts.append(make("p", "", make("strong", "", "Suppressed: "), it.suppressed));
    if (it.path.length) parts.append(...section("Access", path(it.path)));
    if (it.fixes.length) parts.append(...section("What to do", make("ol", "", ...it.fixes.map(fix))));
    if (it.evidence.length) {
      const seen = it.evidence.map(([id, note]) =>
        make("li", "", make("code", "", id), note ? " " : null, note ? quoted(note) : null));
      if (it.more) seen.push(make("li", "dim", `and ${it.more} more in the JSON result`));
      parts.append(...section("Evidence", make("ul", "", ...seen)));
    }
    const open = it.gaps.filter((number) => gaps[number][4]);
    const refused = it.gaps.filter((number) => !gaps[number][4]);
    if (refused.length) parts.append(...section("Not read", make("ul", "", ...refused.map(unread))));
    if (open.length) parts.append(...section("Undecidable from here", make("ul", "", ...open.map(undecidable))));
    parts.append(make("p", "dim", "Rule ", make("code", "", it.rule), ` · confidence ${it.confidence} · `, make("code", "", it.id)));
    return parts;
  };
  const fill = (details) => {
    if (details.open && details.childElementCount === 1) details.append(body(findings[details.dataset.number]));
  };
  const short = (it) => {
    const told = places[it.place].slice(0, 3).filter((one, number) => one && number !== 1);
    return told.length ? make("span", "at", " · ", make("bdi", "", told.join(" / "))) : null;
  };
  const card = (number) => {
    const it = findings[number];
    const errors = it.errors.length ? ` · error ${it.errors.join(", ")}` : "";
    const mark = make("span", "mark", MARKS[look(it)]);
    mark.title = WORDS[look(it)];
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", WORDS[look(it)]);
    const summary = make("summary", look(it), mark, make(`h${level + 2}`, "title", it.title),
      make("span", `severity ${it.severity}`, it.severity), make("span", "subject", make("bdi", "", it.name), errors, it.suppressed ? " · suppressed" : "", short(it)));
    const details = make("details", "", summary);
    details.dataset.number = number;
    details.addEventListener("toggle", () => fill(details));
    return make("li", `finding ${look(it)}`, details);
  };

  const draw = (upTo) => {
    const fresh = document.createDocumentFragment();
    let first = null;
    for (; drawn < Math.min(upTo, found.length); drawn += 1) {
      const head = heads.get(drawn);
      if (head) fresh.append(make("li", "group", make(`h${level + 1}`, "", make("bdi", "", head[0]), make("span", "count", head[1].toLocaleString("en")))));
      const one = card(found[drawn]);
      fresh.append(one);
      first = first || one;
    }
    list.append(fresh);
    more.hidden = drawn >= found.length;
    more.textContent = `Show ${Math.min(PAGE, found.length - drawn)} more`;
    return first;
  };
  const haystack = (number) => {
    if (hay[number] === undefined) {
      const it = findings[number];
      const [subscription, id, group, owners, account, region] = places[it.place];
      hay[number] = [it.rule, it.title, it.name, it.id, it.message, it.suppressed ? `suppressed ${it.suppressed}` : "", it.errors.join(" "), subscription, id, group, named(owners), account, region, it.evidence.flat().join(" ")]
        .join(" ").toLowerCase();
    }
    return hay[number];
  };
  const checked = (name) => new Set([...form.querySelectorAll(`input[name="${name}"]:checked`)].map((one) => one.value));
  const LABELS = {
    project: ([name, , , owners]) => (owners.length ? `${named(owners)}${name ? ` · ${name}` : ""}` : name ? `No project · ${name}` : "The tenant"),
    subscription: ([name, id]) => (name ? `${name}${id && id !== name ? ` · ${id}` : ""}` : "The tenant"),
  };
  const KEYS = { project: ([, id, , owners]) => `${owners} ${id}`, subscription: ([, id]) => id };
  // Groups stand in the order of their worst finding; what belongs to none has its own group.
  const grouped = () => {
    heads = new Map();
    const label = LABELS[grouping.value];
    if (!label) return;
    const keys = places.map(KEYS[grouping.value]);
    const groups = new Map();
    for (const number of found) {
      const key = keys[findings[number].place];
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(number);
    }
    found = [];
    for (const numbers of groups.values()) {
      heads.set(found.length, [label(places[findings[numbers[0]].place]), numbers.length]);
      for (const number of numbers) found.push(number);
    }
  };
  const apply = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const looks = checked("look");
    const severities = checked("severity");
    found = [];
    findings.forEach((it, number) => {
      if (!looks.has(look(it)) || !severities.has(it.severity)) return;
      const place = places[it.place];
      if ((subscription.value && place[1] !== subscription.value) || (project.value && !place[3].includes(Number(project.value)))) return;
      if ((kind.value && it.kind !== kind.value) || (rule && it.rule !== rule)) return;
      if (words.length && !words.every((word) => haystack(number).includes(word))) return;
      found.push(number);
    });
    grouped();
    list.replaceChildren();
    drawn = 0;
    draw(PAGE);
    const of = found.length === findings.length ? "" : ` of ${findings.length.toLocaleString("en")}`;
    const only = rule ? ` · only the rule ${rule}` : "";
    shown.textContent = `${found.length.toLocaleString("en")}${of} finding${found.length === 1 && !of ? "" : "s"}${only}`;
  };

  let timer = 0;
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  query.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !query.value) return;
    event.preventDefault();
    clearTimeout(timer);
    query.value = "";
    apply();
  });
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  const start = (wantedRule, wantedText) => {
    form.reset();
    rule = wantedRule;
    query.value = wantedText;
    // A link from the map shows all findings about the place.
    if (wantedText) for (const one of form.querySelectorAll("input[type=checkbox]")) one.checked = true;
    apply();
  };
  get("clear").addEventListener("click", () => start("", ""));
  more.addEventListener("click", () => {
    const next = draw(drawn + PAGE);
    if (next) next.querySelector("summary").focus();
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-rule], [data-search]");
    if (link) start(link.dataset.rule || "", link.dataset.search || "");
  });
  let opened = [];
  window.addEventListener("beforeprint", () => {
    draw(PRINTED);
    if (found.length > PRINTED) shown.textContent += ` · the first ${PRINTED} are printed`;
    opened = [...list.querySelectorAll("details:not([open])")];
    for (const one of opened) {
      one.open = true;
      fill(one);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
  form.hidden = false;
  apply();
};

for (const root of document.querySelectorAll("[data-at]")) audit(root);
