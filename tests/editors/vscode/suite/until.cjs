const vscode = require("vscode");

/** The first true value of `find`; it fails after 20 seconds. */
exports.until = async function until(what, find) {
  const end = Date.now() + 20_000;
  for (;;) {
    const value = await find();
    if (value) return value;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((later) => setTimeout(later, 50));
  }
};

exports.inFolder = (name) => vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, name);

/** The position behind the first `text` of a document. */
exports.behind = (document, text) => document.positionAt(document.getText().indexOf(text) + text.length);

exports.texts = (hovers) => hovers.flatMap((hover) => hover.contents).map((content) => content.value).join("\n\n");

exports.found = (uri) => vscode.languages.getDiagnostics(uri).filter((one) => one.source === "loopwise").map((one) => one.code.value ?? one.code);
