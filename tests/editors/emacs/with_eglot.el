;;; with_eglot.el --- eglot, as drive.el uses it  -*- lexical-binding: t -*-

(require 'eglot)

(defun client-start ()
  "The user's lines start it, once a command has ended; --batch has no commands."
  (run-hooks 'post-command-hook))

(defun client-ready-p ()
  (and (eglot-managed-p) (eglot-current-server)))

(defun client-sync ()
  "Tell the server what has changed: an idle timer's work, and --batch runs none."
  (when (client-ready-p)
    (eglot--signal-textDocument/didChange)))

(defun client-look ()
  "Show what has arrived: a timer's work where somebody sits before the screen."
  (flymake-start))

(defun client-hover (show)
  (eglot-hover-eldoc-function show))

(defun client-act (kind)
  "With KIND as after \\[universal-argument], when it is asked for."
  (let ((current-prefix-arg (and kind '(4))))
    (call-interactively #'eglot-code-actions)))

(defun client-shut-down ()
  (call-interactively #'eglot-shutdown))

(defun client-processes ()
  "Without the pipe for standard error, which is a process to Emacs, but has no id."
  (cl-remove-if-not (lambda (each) (and (process-id each) (string-match-p "EGLOT" (process-name each))))
                    (process-list)))
;;; with_eglot.el ends here
