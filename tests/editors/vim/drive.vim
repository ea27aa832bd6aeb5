" Does the steps of $LOOPWISE_STEPS in the file that Vim has open, and writes an answer for each to $LOOPWISE_ANSWERS.

let s:patience = 30.0 " seconds for each step

function! s:Wait(Done) abort
  let l:start = reltime()
  while !a:Done() && reltimefloat(reltime(l:start)) < s:patience
    sleep 50m
  endwhile
  return a:Done()
endfunction

function! s:Answer(value) abort
  call writefile([json_encode(a:value)], $LOOPWISE_ANSWERS, 'a')
endfunction

function! s:Found() abort
  let l:own = filter(copy(ale#engine#GetLoclist(bufnr(''))), 'v:val.linter_name is# "loopwise"')
  return map(l:own, '{"line": v:val.lnum, "text": v:val.text, "code": get(v:val, "code", "")}')
endfunction

function! s:Preview() abort
  for l:number in range(1, winnr('$'))
    if getwinvar(l:number, '&previewwindow') || bufname(winbufnr(l:number)) =~# 'ALEPreview'
      return join(getbufline(winbufnr(l:number), 1, '$'), "\n")
    endif
  endfor
  return ''
endfunction

function! s:Chosen(data, items) abort
  let s:items = a:items
  let s:data = a:data
endfunction

" Asks in insert mode, as ALE wants it; inserts nothing.
function! s:Complete() abort
  call ale#completion#GetCompletions('ale-omnifunc')
  call s:Wait({-> !empty(ale#completion#GetCompletionResult())})
  let s:items = ale#completion#GetCompletionResult() is v:null ? [] : ale#completion#GetCompletionResult()
  return ''
endfunction

function! s:Do(step) abort
  if a:step.do is# 'diagnostics'
    call s:Wait({-> len(s:Found()) == a:step.count})
    return {'found': s:Found()}
  endif
  call cursor(get(a:step, 'line', 1), get(a:step, 'column', 1))
  if a:step.do is# 'hover'
    ALEHover
    call s:Wait({-> s:Preview() isnot# ''})
    let l:text = s:Preview()
    pclose
    return {'text': l:text}
  endif
  if a:step.do is# 'complete'
    execute "normal! A\<C-R>=" . s:id . "Complete()\<CR>"
    return {'words': map(copy(s:items), 'v:val.word')}
  endif
  if a:step.do is# 'act'
    let s:items = []
    call ale#codefix#Execute(0, function('s:Chosen'))
    call s:Wait({-> !empty(s:items)})
    let l:titles = map(copy(s:items), 'v:val[1].title')
    let l:index = index(l:titles, a:step.title)
    if l:index >= 0
      call ale#codefix#ApplyLSPCodeAction(s:data, s:items[l:index][1])
      call ale#Queue(0) " as ALE does when the text has changed, of which Vim tells once this is done
      call s:Wait({-> join(getline(1, '$'), "\n") =~# a:step.until})
    endif
    return {'titles': l:titles, 'text': join(getline(1, '$'), "\n")}
  endif
  throw 'no such step: ' . a:step.do
endfunction

function! s:Run() abort
  try
    for l:step in json_decode(join(readfile($LOOPWISE_STEPS), ''))
      call s:Answer(s:Do(l:step))
    endfor
  catch
    call s:Answer({'trouble': v:exception . ' at ' . v:throwpoint})
  endtry
  qall!
endfunction

" As if it were typed: ALE's timers do not run while one of ours does.
let s:id = matchstr(expand('<SID>'), '<SNR>\d\+_')
call feedkeys(':call ' . s:id . "Run()\<CR>", 't')
