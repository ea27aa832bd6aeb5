import tseslint from "typescript-eslint";

export default tseslint.config(
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { project: ["./tsconfig.json", "./webview/tsconfig.json"] } } },
  {
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", 200],
      "max-lines-per-function": ["error", 40],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
);
