;;; drive.el --- what a person does in Emacs, step by step  -*- lexical-binding: t -*-

;; Loaded after the user's lines and the file for one client (emacs --batch -l init.el -l with_eglot.el -l drive.el).
;; $LOOPWISE_STEPS names a JSON file with a list of steps, $LOOPWISE_ANSWERS the file that gets a JSON line for each:
;;   {"do": "open", "path": ".."}                    visit a file and start the client on it
;;   {"do": "hover", "at": 12}                       the text that is shown for the place
;;   {"do": "type", "at": 12, "text": ".."}          put text in, as if typed
;;   {"do": "complete", "label": "..", "of": 2}      ask for completions at the cursor until so many (one, if not
;;                                                   said) have this label, and accept the first of them
;;   {"do": "diagnostics", "count": 2}               wait until so many are shown
;;   {"do": "act", "at": 12, "title": ".."}          choose a code action; with "kind": of that kind only
;;   {"do": "processes"}                             those of the servers, and what they started
;;   {"do": "shut down"}                             by the client's own command
;;   {"do": "wait to be killed"}
;; Places count characters from 0.
;;
;; A client's file defines `client-start', `client-ready-p', `client-sync', `client-look',
;; `client-hover', `client-act', `client-shut-down' and `client-processes'.

(require 'json)
(require 'cl-lib)

(defconst patience 60 "Seconds: for machines that have much else to do.")

(defun answer (values)
  "Write VALUES, a plist, as a line of JSON."
  (with-temp-buffer
    (json-insert values)
    (insert "\n")
    (let ((coding-system-for-write 'utf-8))
      (write-region nil nil (getenv "LOOPWISE_ANSWERS") 'append 'silent))))

(defun wait (what holds)
  "Wait until HOLDS gives a true value, and give it; an error that says WHAT after some time."
  (let ((end (time-add nil patience))
        found)
    (while (not (setq found (funcall holds)))
      (when (time-less-p end nil)
        (error "Waited in vain for %s" what))
      (accept-process-output nil 0.02))
    found))

(defun text ()
  (buffer-substring-no-properties (point-min) (point-max)))

(defun go-to (step)
  (goto-char (1+ (alist-get 'at step))))

;; Steps

(defun do-open (step)
  (find-file (alist-get 'path step))
  (unless (client-ready-p)
    (client-start))
  (wait "the client" #'client-ready-p)
  (list :mode (symbol-name major-mode)))

(defun do-hover (step)
  (go-to step)
  (let (shown)
    (client-hover (lambda (text &rest _) (setq shown (or text ""))))
    (list :text (substring-no-properties (wait "a hover" (lambda () shown))))))

(defun do-type (step)
  (go-to step)
  (insert (alist-get 'text step))
  (client-sync)
  (list :text (text)))

(defvar offered nil "The labels that were last offered.")

(defun accept (label of)
  "Give a function that stands in for the menu: it takes the candidate LABEL as corfu and company do.
It takes none while fewer than OF candidates have that label: a server has not answered yet."
  (lambda (start end table &optional predicate)
    (let* ((found (all-completions (buffer-substring start end) table predicate))
           (finish (plist-get completion-extra-properties :exit-function))
           (chosen (and (<= of (cl-count label found :test #'string=)) (cl-find label found :test #'string=))))
      (setq offered (mapcar #'substring-no-properties found))
      (when chosen
        (delete-region start end)
        (goto-char start)
        (insert chosen)
        (funcall finish chosen 'finished))
      t)))

(defun do-complete (step)
  "Ask again while the label is not there: other modules are read when the server has started."
  (let* ((label (alist-get 'label step))
         (of (alist-get 'of step 1))
         (completion-in-region-function (accept label of)))
    (wait (format "%s %d times among the completions" label of)
          (lambda () (setq offered nil) (completion-at-point) (<= of (cl-count label offered :test #'string=)))))
  (client-sync)
  (list :offered (vconcat offered) :text (text) :point (1- (point))))

(defun shown ()
  "What flymake underlines, each with its text."
  (mapcar (lambda (one)
            (list :text (buffer-substring-no-properties (flymake-diagnostic-beg one) (flymake-diagnostic-end one))
                  :says (flymake-diagnostic-text one)))
          (sort (flymake-diagnostics) (lambda (a b) (< (flymake-diagnostic-beg a) (flymake-diagnostic-beg b))))))

(defun do-diagnostics (step)
  (wait (format "%s diagnostics" (alist-get 'count step))
        (lambda ()
          (client-look)
          (= (length (flymake-diagnostics)) (alist-get 'count step))))
  (list :shown (vconcat (shown))))

(defun do-act (step)
  (go-to step)
  (let ((before (buffer-chars-modified-tick))
        (last-nonmenu-event ?a) ; asked for by a key, so that no menu of the mouse opens
        titles)
    (let ((completing-read-function
           (lambda (prompt table &rest _)
             (if (string-match-p "kind" prompt)
                 (alist-get 'kind step)
               (setq titles (all-completions "" table))
               (alist-get 'title step)))))
      (client-act (alist-get 'kind step)))
    (wait "the edit" (lambda () (/= before (buffer-chars-modified-tick))))
    (client-sync)
    (list :titles (vconcat (mapcar #'substring-no-properties titles)) :text (text))))

(defun below (process)
  "PROCESS and all that it started, and so on."
  (cons process
        (cl-loop for each in (list-system-processes)
                 when (equal (alist-get 'ppid (process-attributes each)) process)
                 append (below each))))

(defun do-processes (_step)
  (list :processes (vconcat (cl-loop for each in (client-processes) append (below (process-id each))))))

(defun do-shut-down (_step)
  (client-shut-down)
  (wait "the end of the server" (lambda () (not (cl-some #'process-live-p (client-processes)))))
  (list))

(defun do-wait-to-be-killed (_step)
  (sleep-for (* 3 patience))
  (list))

(defun steps ()
  (with-temp-buffer
    (let ((coding-system-for-read 'utf-8))
      (insert-file-contents (getenv "LOOPWISE_STEPS")))
    (json-parse-buffer :object-type 'alist :array-type 'list)))

(let ((trouble nil)
      (debug-on-error nil))
  (condition-case caught
      (dolist (step (steps))
        (answer (funcall (intern (concat "do-" (replace-regexp-in-string " " "-" (alist-get 'do step)))) step)))
    (error (setq trouble (error-message-string caught))))
  (when trouble
    (answer (list :trouble trouble)))
  (set-buffer-modified-p nil)
  (kill-emacs (if trouble 1 0)))
;;; drive.el ends here
