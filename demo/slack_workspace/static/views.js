// Modals: input blocks, submitting, closing.
import { el, plain } from "./mrkdwn.js";
import { element, dialog } from "./elements.js";
import { renderBlocks } from "./blocks.js";

const TYPES = { number_input: "number", email_text_input: "email", url_text_input: "url" };

function field(item, context, values) {
  const attributes = { "data-action-id": item.action_id, placeholder: item.placeholder?.text, maxlength: item.max_length };
  const note = (event) => { values[item.action_id] = event.target.value || null; };
  if (item.type === "plain_text_input" && item.multiline) return el("textarea", { rows: 4, ...attributes, oninput: note }, item.initial_value ?? "");
  if (item.type === "plain_text_input" || TYPES[item.type]) return el("input", { type: TYPES[item.type] ?? "text", value: item.initial_value, ...attributes, oninput: note });
  const local = { ...context, act: (id, value) => { values[id] = value; context.refresh?.(); } };
  const node = element(item, local);
  if (node.classList.contains("select")) keepChoice(node, item, local, values);
  return node;
}

// A menu inside a form shows what was chosen without asking the app.
function keepChoice(node, item, local, values) {
  const original = local.act;
  local.act = (id, value) => { original(id, value); node.firstChild.textContent = optionText(item, value, local); values[id] = value; };
}

function optionText(item, value, context) {
  const options = item.options ?? item.option_groups?.flatMap((group) => group.options) ?? [];
  const option = options.find((each) => each.value === value);
  return option?.text.text ?? context.users.get(value)?.real_name ?? context.channels.get(value)?.name ?? value;
}

export function renderModal(view, context, { submit, close }) {
  const values = {};
  const input = (block) => [
    el("div", { class: "label" }, plain(block.label.text), block.optional ? el("small", {}, " (optional)") : null),
    field(block.element, context, values),
    block.hint ? el("small", { class: "hint" }, plain(block.hint.text)) : null,
    el("div", { class: "field-error", "data-error-for": block.block_id }),
  ];
  const body = renderBlocks(view.blocks, { ...context, input });
  const buttons = [el("button", { type: "button", class: "button", "data-modal": "close", onclick: close }, plain(view.close?.text ?? "Close"))];
  if (view.submit) buttons.push(el("button", { type: "button", class: "button solid primary", "data-modal": "submit", onclick: async () => {
    const errors = await submit(values);
    shade.querySelectorAll("[data-error-for]").forEach((node) => { node.textContent = errors?.[node.dataset.errorFor] ?? ""; });
  } }, plain(view.submit.text)));
  const shade = dialog(view.title.text, body, buttons, { "data-view-id": view.id, class: "dialog modal" });
  return shade;
}
