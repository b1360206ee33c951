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
  rotating_light: '<path d="M5 14V9a5 5 0 0 1 10 0v5z" fill="#e5383b"/><path d="M8 12V9a2 2 0 0 1 2-2" stroke="#ffd6d6" stroke-width="1.4" fill="none"/><rect x="3.5" y="14" width="13" height="3.2" rx="1" fill="#4a5568"/>' + stroke("M10 1v1.4M3 4l1 1M17 4l-1 1", "#f59e0b", 1.6),
  warning: '<path d="M10 2 19 17.5H1z" fill="#f7b924" stroke="#f7b924" stroke-width="1" stroke-linejoin="round"/>' + stroke("M10 7.5v4.6M10 14.8v.1", "#3b2f05"),
  white_check_mark: '<rect x="2" y="2" width="16" height="16" rx="3.5" fill="#2fa85a"/>' + stroke("m6 10.4 2.8 2.8L14.4 7", "#fff"),
  heavy_check_mark: stroke("m4 10.6 4 4L16.4 5.6", "#2fa85a", 3),
  x: stroke("M5 5l10 10M15 5 5 15", "#dc2f45", 3),
  zzz: stroke("M9.5 3.5h7l-7 7.5h7M3.5 11.5h4.4l-4.4 5h4.4", "#3b82d6", 2),
  moneybag: '<path d="M7.4 5h5.2l1.2-3H6.2zM7.2 6h5.6c3.2 2.6 4.4 5.4 4.4 8 0 2.7-2 4-7.2 4s-7.2-1.3-7.2-4c0-2.6 1.2-5.4 4.4-8z" fill="#b98b3a"/>' + stroke("M12 9.6c-.5-.8-3.8-1-3.8.8 0 1.900 3.800.9 3.800 2.800 0 1.800-3.500 1.500-4 .5M10 8v7.600", "#fff5d9", 1.2),
  red_circle: circle("#dd2e44"), large_orange_circle: circle("#f4900c"), orange_circle: circle("#f4900c"),
  large_yellow_circle: circle("#fdcb58"), large_green_circle: circle("#4caf50"), large_blue_circle: circle("#4a90e2"),
  white_circle: circle("#d5d9de"), black_circle: circle("#31373d"),
  bell: '<path d="M10 2a5 5 0 0 0-5 5v4l-1.800 3h13.600L15 11V7a5 5 0 0 0-5-5z" fill="#f5b82e"/><circle cx="10" cy="16.500" r="1.800" fill="#c98a12"/>',
  no_bell: '<path d="M10 2a5 5 0 0 0-5 5v4l-1.800 3h13.600L15 11V7a5 5 0 0 0-5-5z" fill="#aab2bb"/>' + stroke("M3 3l14 14", "#dc2f45"),
  information_source: '<rect x="2" y="2" width="16" height="16" rx="3.500" fill="#3b82d6"/>' + stroke("M10 9.500v5M10 6v.1", "#fff", 2.200),
  bulb: '<path d="M10 1.500a5.800 5.800 0 0 0-3 10.700V14.500h6v-2.300A5.800 5.800 0 0 0 10 1.500z" fill="#fbcf45"/><rect x="7.400" y="15.200" width="5.200" height="3" rx="1" fill="#8a94a0"/>',
  mag: '<circle cx="8.500" cy="8.500" r="5.500" fill="#d9ecff" stroke="#59636e" stroke-width="2"/>' + stroke("m13 13 4.500 4.500", "#59636e", 2.600),
  chart_with_upwards_trend: '<rect x="1.500" y="2" width="17" height="16" rx="2" fill="#eef2f6"/>' + stroke("M4 14l4-4 3 2.500 5-6.500", "#e5383b", 1.800),
  chart_with_downwards_trend: '<rect x="1.500" y="2" width="17" height="16" rx="2" fill="#eef2f6"/>' + stroke("M4 6l4 4 3-2.500 5 6.500", "#3b82d6", 1.800),
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
