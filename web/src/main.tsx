import { render } from "preact";
import { startOffline } from "./opening/offline.js";
import { App } from "./shell/app.js";
import { startHistory } from "./shell/history.js";
import { startTheme } from "./state/theme.js";
import "./styles/theme.css";
import "./styles/page.css";
import "./styles/welcome.css";
import "./styles/search.css";
import "./styles/tree.css";
import "./styles/inspector.css";

startTheme();
const target = document.getElementById("app");
if (target !== null) render(<App />, target);
startHistory();
startOffline();
