// Speeds as colours that colour-blind people can order too: from blue through grey to bright yellow, as
// cividis does; never red, which is an alert's.
export const SPEED_STEPS = [
  { below: 5, colour: "#4f6bd8", text: "0" },
  { below: 20, colour: "#5b8fc9", text: "5" },
  { below: 40, colour: "#8fa6a6", text: "20" },
  { below: 60, colour: "#c3b868", text: "40" },
  { below: 80, colour: "#efd04a", text: "60" },
  { below: Infinity, colour: "#fff8bf", text: "80+" },
];

// The step of a speed in km/h; -1 where it is not known.
export const speedStep = (kmh) =>
  kmh === null || !(kmh >= 0) ? -1 : SPEED_STEPS.findIndex(({ below }) => kmh < below);
