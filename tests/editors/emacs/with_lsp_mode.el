;;; with_lsp_mode.el --- lsp-mode, as drive.el uses it  -*- lexical-binding: t -*-

(require 'lsp-mode)

;; Asked for once in a project by a key, which --batch cannot press.
(setq lsp-auto-guess-root t
      lsp-restart 'ignore)

(defun client-start ()
  (call-interactively #'lsp))

(defun client-ready-p ()
  (and (bound-and-true-p lsp-managed-mode)
       (cl-every (lambda (each) (eq 'initialized (lsp--workspace-status each))) (lsp-workspaces))
       (sort (mapcar (lambda (each) (symbol-name (lsp--workspace-server-id each))) (lsp-workspaces)) #'string<)))

(defun client-sync ()
  "lsp-mode sends each change as it is made.")

(defun client-look ()
  "Show what has arrived: --batch lets it arrive in any buffer, and lsp-mode tells flymake of this one."
  (unless lsp-diagnostics--flymake-report-fn
    (flymake-start))
  (run-hooks 'lsp-diagnostics-updated-hook))

(defun client-hover (show)
  (lsp-request-async "textDocument/hover" (lsp--text-document-position-params)
                     (lambda (hover)
                       (funcall show (and hover (lsp--render-on-hover-content (lsp:hover-contents hover) t))))
                     :mode 'tick))

(defun client-act (kind)
  (if kind
      (lsp-execute-code-action-by-kind kind)
    (call-interactively #'lsp-execute-code-action)))

(defun client-shut-down ()
  (let ((lsp-keep-workspace-alive t))
    (dolist (each (lsp-workspaces))
      (lsp-workspace-shutdown each))))

(defun client-processes ()
  "Without the pipes for standard error, which are processes to Emacs, but have no id."
  (cl-remove-if-not #'process-id (process-list)))
;;; with_lsp_mode.el ends here
