// Buttons, menus and their pop-ups. Each calls context.act(action_id, value) when used.
import { el, plain, textObject } from "./mrkdwn.js";

const layer = () => document.getElementById("layer");

export function closePopups() { layer().querySelectorAll(".menu").forEach((menu) => menu.remove()); }

export function dialog(title, body, buttons, extra = {}) {
  const box = el("div", { class: "dialog", role: "dialog", "aria-modal": "true", "aria-label": title, ...extra },
    el("header", {}, el("h3", {}, plain(title))), el("div", { class: "dialog-body" }, body), el("footer", {}, buttons));
  const shade = el("div", { class: "shade" }, box);
  layer().append(shade);
  box.querySelector("footer button:last-child")?.focus();
  return shade;
}

function confirmed(confirm, context, proceed) {
  if (!confirm) return proceed();
  const close = () => shade.remove();
  const style = confirm.style === "danger" ? "danger" : "primary";
  const shade = dialog(confirm.title.text, textObject(confirm.text, context), [
    el("button", { class: "button", "data-confirm": "deny", onclick: close }, plain(confirm.deny.text)),
    el("button", { class: `button solid ${style}`, "data-confirm": "confirm", onclick: () => { close(); proceed(); } }, plain(confirm.confirm.text)),
  ], { "data-dialog": "confirm" });
}

export function menu(anchor, options, pick, context) {
  closePopups();
  const list = el("ul", { class: "menu", role: "listbox" }, options.map((option) => option.heading
    ? el("li", { class: "heading" }, option.heading)
    : el("li", {}, el("button", { type: "button", role: "option", "data-option-value": option.value, onclick: () => { closePopups(); pick(option); } },
      textObject(option.text, context), option.description ? el("small", {}, plain(option.description.text)) : null))));
  layer().append(list);
  const place = anchor.getBoundingClientRect();
  const height = list.offsetHeight;
  list.style.left = `${Math.min(place.left, innerWidth - list.offsetWidth - 12)}px`;
  list.style.top = `${place.bottom + height + 8 > innerHeight ? Math.max(8, place.top - height - 4) : place.bottom + 4}px`;
  list.querySelector("button")?.focus();
}

const hooks = (element) => ({ "data-action-id": element.action_id, "data-value": element.value });
const optionsOf = (element) => element.option_groups
  ? element.option_groups.flatMap((group) => [{ heading: group.label.text }, ...group.options]) : element.options ?? [];

function button(element, context) {
  const attributes = { type: "button", class: `button ${element.style ?? ""}`, ...hooks(element), "aria-label": element.accessibility_label };
  attributes.onclick = (event) => {
    const target = event.currentTarget;
    confirmed(element.confirm, context, () => {
      if (element.url) open(element.url, "_blank", "noopener");
      busy(target, context.act(element.action_id, element.value ?? null));
    });
  };
  return el("button", attributes, plain(element.text.text));
}

async function busy(node, work) {
  node.classList.add("busy");
  try { await work; } finally { node.classList.remove("busy"); }
}

function select(element, context) {
  const known = context.chosen?.(element)?.selected_option ?? element.initial_option;
  const shown = known?.text ?? element.placeholder ?? { type: "plain_text", text: "Select an option" };
  const control = el("button", { type: "button", class: "button select", ...hooks(element), "aria-haspopup": "listbox" }, textObject(shown, context), el("span", { class: "caret" }));
  control.onclick = () => menu(control, optionsOf(element), (option) => confirmed(element.confirm, context, () => busy(control, context.act(element.action_id, option.value))), context);
  return control;
}

function overflow(element, context) {
  const control = el("button", { type: "button", class: "button overflow", ...hooks(element), "aria-label": "More actions", "aria-haspopup": "listbox" }, "⋯");
  control.onclick = () => menu(control, element.options, (option) => confirmed(element.confirm, context, () => {
    if (option.url) open(option.url, "_blank", "noopener");
    busy(control, context.act(element.action_id, option.value));
  }), context);
  return control;
}

function choices(element, context) {
  const single = element.type === "radio_buttons";
  const start = single ? [element.initial_option] : element.initial_options ?? [];
  const name = `choice-${element.action_id}`;
  const group = el("div", { class: "choices", ...hooks(element) }, element.options.map((option) => el("label", {},
    el("input", { type: single ? "radio" : "checkbox", name, value: option.value, checked: start.some((each) => each?.value === option.value) }),
    el("span", {}, textObject(option.text, context), option.description ? el("small", {}, textObject(option.description, context)) : null))));
  group.onchange = () => {
    const values = [...group.querySelectorAll(":checked")].map((input) => input.value);
    context.act(element.action_id, single ? values[0] : values);
  };
  return group;
}

function picker(element, context) {
  const kind = { datepicker: "date", timepicker: "time" }[element.type];
  return el("input", { type: kind, ...hooks(element), value: element.initial_date ?? element.initial_time, onchange: (event) => context.act(element.action_id, event.target.value || null) });
}

function personSelect(element, context) {
  const isUser = element.type === "users_select";
  const source = isUser ? [...context.users.values()].filter((user) => !user.is_bot) : [...context.channels.values()];
  const options = source.map((each) => ({ value: each.id, text: { type: "plain_text", text: (isUser ? "" : "#") + (each.real_name ?? each.name) } }));
  const initial = element.initial_user ?? element.initial_channel ?? element.initial_conversation;
  return select({ ...element, options, initial_option: options.find((option) => option.value === initial) }, context);
}

export function image(element) {
  return el("img", { src: element.image_url, alt: element.alt_text, title: element.alt_text, loading: "lazy" });
}

const KINDS = { button, overflow, image, static_select: select, radio_buttons: choices, checkboxes: choices, datepicker: picker, timepicker: picker,
  users_select: personSelect, channels_select: personSelect, conversations_select: personSelect };

export function element(item, context) {
  return KINDS[item.type]?.(item, context) ?? el("em", { class: "unknown" }, `[${item.type}]`);
}
