const vscode = require("vscode");

/** The first true value of `find`; it fails after a minute. */
exports.until = async function until(what, find) {
  const end = Date.now() + 60_000;
  for (;;) {
    const value = await find();
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((later) => setTimeout(later, 50));
  }
};

exports.run = (command, ...args) => vscode.commands.executeCommand(command, ...args);

exports.inFolder = (name) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, name);

/** The position behind the first `text` of a document. */
exports.behind = (document, text) => document.positionAt(document.getText().indexOf(text) + text.length);

/** What the hovers behind `text` say; of another extension's they stand first or last. */
exports.hoversAt = async (document, text) => {
  const hovers = await exports.run("vscode.executeHoverProvider", document.uri, exports.behind(document, text));
  return hovers.map((hover) => hover.contents.map((content) => content.value).join("\n\n"));
};

/** What is offered behind `text`; with `typed` as if that letter had just been typed. */
exports.offered = async (document, text, typed) => (await exports.offers(document, text, typed)).map((offer) => offer.name);

/** The same with what has our star: what leads where another server is at work. */
exports.offers = async (document, text, typed) => {
  const list = await exports.run("vscode.executeCompletionItemProvider", document.uri, exports.behind(document, text), typed);
  return list.items.map(({ label }) => ({ name: label.label ?? label, starred: Boolean(label.description?.includes("★")) }));
};

exports.found = (uri) => vscode.languages.getDiagnostics(uri).filter((one) => one.source === "loopwise").map((one) => one.code.value ?? one.code);

/** Sets what is not undefined, and takes back the rest. */
exports.set = async (values, uri) => {
  const settings = vscode.workspace.getConfiguration("loopwise", uri);
  for (const [key, value] of Object.entries(values)) await settings.update(key, value, vscode.ConfigurationTarget.Workspace);
};
