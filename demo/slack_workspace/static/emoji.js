// Emoji by shortcode. The ones cards use most are drawn, so that they look the same without an emoji font.
const CHARACTERS = {
  smile: "😄", tada: "🎉", eyes: "👀", wave: "👋", fire: "🔥", rocket: "🚀", thumbsup: "👍", "+1": "👍", thumbsdown: "👎",
  "-1": "👎", pray: "🙏", point_right: "👉", money_with_wings: "💸", dollar: "💵", credit_card: "💳", chart: "💹",
  bar_chart: "📊", clock3: "🕒", stopwatch: "⏱️", hourglass: "⌛", calendar: "📅", lock: "🔒", unlock: "🔓", key: "🔑",
  gear: "⚙️", hammer_and_wrench: "🛠️", wrench: "🔧", broom: "🧹", ghost: "👻", zombie: "🧟", seedling: "🌱", robot_face: "🤖",
  mute: "🔇", speech_balloon: "💬", memo: "📝", clipboard: "📋", pushpin: "📌", link: "🔗", mailbox: "📫", house: "🏠",
  bust_in_silhouette: "👤", globe_with_meridians: "🌐", package: "📦", cloud: "☁️", no_entry: "⛔", octagonal_sign: "🛑",
  sparkles: "✨", star: "⭐", trophy: "🏆", shield: "🛡️", test_tube: "🧪", snowflake: "❄️", sleeping: "😴", wastebasket: "🗑️",
};
const circle = (fill) => `<circle cx="10" cy="10" r="8" fill="${fill}"/>`;
const stroke = (d, color, width = 2) =>
  `<path d="${d}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
const DRAWN = {
  lock: '<rect x="4" y="9" width="12" height="9" rx="2" fill="#c9a227"/>' + stroke("M6.5 9V6.500a3.5 3.5 0 0 1 7 0V9", "#9aa3ad", 2),
  eyes: '<ellipse cx="5.8" cy="10" rx="4" ry="6" fill="#fff" stroke="#7a828b"/><ellipse cx="14.2" cy="10" rx="4" ry="6" fill="#fff" stroke="#7a828b"/><circle cx="5" cy="11" r="2" fill="#2b2f33"/><circle cx="13.4" cy="11" r="2" fill="#2b2f33"/>',
  stopwatch: '<circle cx="10" cy="11.5" r="7" fill="#eef2f6" stroke="#59636e" stroke-width="1.6"/>' + stroke("M10 7.500v4l2.5 2M8 2h4M10 2v2.5", "#59636e", 1.6),
  money_with_wings: '<rect x="3" y="7" width="14" height="7.5" rx="1.2" fill="#5aa469"/><circle cx="10" cy="10.7" r="2.2" fill="#e6f4e8"/>' + stroke("M4 6c-1-2 0-3 2-3M16 6c1-2 0-3-2-3", "#9aa3ad", 1.5),
  zap: '<path d="M11.5 1.5 4 11.500h5l-1.5 7L16 8h-5.500z" fill="#f7b924"/>',
  rotating_light: '<path d="M5 14V9a5 5 0 0 1 10 0v5z" fill="#e5383b"/><path d="M8 12V9a2 2 0 0 1 2-2" stroke="#ffd6d6" stroke-width="1.4" fill="none"/><rect x="3.5" y="14" width="13" height="3.2" rx="1" fill="#4a5568"/>' + stroke("M10 1v1.4M3 4l1 1M17 4l-1 1", "#f59e0b", 1.6),
  warning: '<path d="M10 2 19 17.5H1z" fill="#f7b924" stroke="#f7b924" stroke-width="1" stroke-linejoin="round"/>' + stroke("M10 7.5v4.6M10 14.8v.1", "#3b2f05"),
  white_check_mark: '<rect x="2" y="2" width="16" height="16" rx="3.5" fill="#2fa85a"/>' + stroke("m6 10.4 2.8 2.8L14.4 7", "#fff"),
  heavy_check_mark: stroke("m4 10.6 4 4L16.4 5.6", "#2fa85a", 3),
  x: stroke("M5 5l10 10M15 5 5 15", "#dc2f45", 3),
  zzz: stroke("M9.5 3.5h7l-7 7.5h7M3.5 11.5h4.4l-4.4 5h4.4", "#3b82d6", 2),
  moneybag: '<path d="M7.4 5h5.2l1.2-3H6.2zM7.2 6h5.6c3.2 2.6 4.4 5.4 4.4 8 0 2.7-2 4-7.2 4s-7.2-1.3-7.2-4c0-2.6 1.2-5.4 4.4-8z" fill="#b98b3a"/>' + stroke("M12 9.6c-.5-.8-3.8-1-3.8.8 0 1.9 3.8.9 3.8 2.8 0 1.8-3.5 1.5-4 .5M10 8v7.6", "#fff5d9", 1.2),
  red_circle: circle("#dd2e44"), large_orange_circle: circle("#f4900c"), orange_circle: circle("#f4900c"),
  large_yellow_circle: circle("#fdcb58"), large_green_circle: circle("#4caf50"), large_blue_circle: circle("#4a90e2"),
  white_circle: circle("#d5d9de"), black_circle: circle("#31373d"),
  bell: '<path d="M10 2a5 5 0 0 0-5 5v4l-1.8 3h13.600L15 11V7a5 5 0 0 0-5-5z" fill="#f5b82e"/><circle cx="10" cy="16.5" r="1.8" fill="#c98a12"/>',
  no_bell: '<path d="M10 2a5 5 0 0 0-5 5v4l-1.8 3h13.600L15 11V7a5 5 0 0 0-5-5z" fill="#aab2bb"/>' + stroke("M3 3l14 14", "#dc2f45"),
  information_source: '<rect x="2" y="2" width="16" height="16" rx="3.5" fill="#3b82d6"/>' + stroke("M10 9.500v5M10 6v.1", "#fff", 2.2),
  bulb: '<path d="M10 1.500a5.8 5.8 0 0 0-3 10.700V14.500h6v-2.300A5.8 5.8 0 0 0 10 1.500z" fill="#fbcf45"/><rect x="7.4" y="15.2" width="5.2" height="3" rx="1" fill="#8a94a0"/>',
  mag: '<circle cx="8.5" cy="8.5" r="5.5" fill="#d9ecff" stroke="#59636e" stroke-width="2"/>' + stroke("m13 13 4.5 4.5", "#59636e", 2.6),
  chart_with_upwards_trend: '<rect x="1.5" y="2" width="17" height="16" rx="2" fill="#eef2f6"/>' + stroke("M4 14l4-4 3 2.5 5-6.5", "#e5383b", 1.8),
  chart_with_downwards_trend: '<rect x="1.5" y="2" width="17" height="16" rx="2" fill="#eef2f6"/>' + stroke("M4 6l4 4 3-2.5 5 6.5", "#3b82d6", 1.8),
};

// Returns a node for a shortcode, or null when there is no such emoji.
export function emoji(name) {
  const node = document.createElement("span");
  node.className = "emoji";
  node.title = `:${name}:`;
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", name.replaceAll("_", " "));
  if (Object.hasOwn(DRAWN, name)) node.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true">${DRAWN[name]}</svg>`;
  else if (Object.hasOwn(CHARACTERS, name)) node.textContent = CHARACTERS[name];
  else return null;
  return node;
}
