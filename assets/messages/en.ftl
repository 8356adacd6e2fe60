# English: what the kiosk says. Every message stands in every language's file, under the same name with the same values.

## Outcomes

outcome-admit = VALID
outcome-refuse = NOT VALID
outcome-refer = CHECK
outcome-override = LET PASS
outcome-registered = REGISTERED
outcome-waved = WAVED THROUGH

outcome-admit-short = valid
outcome-refuse-short = not valid
outcome-refer-short = to check
outcome-override-short = let pass by the guard
outcome-registered-short = registered
outcome-waved-short = waved

## Reasons. The short code after "reason-" is what a guard reads out on the telephone.

reason-E-UNKNOWN = The kiosk does not know this kind of code.
reason-E-FORM = The code is damaged or was not read completely.
reason-E-SIZE = The code holds too much data (at most { $kib_max } KiB).
reason-E-CUT = The scanner delivered only { $fields } of { $fields_min } fields of this card.
reason-E-LINK =
    { $to ->
        [declaration] This code only points to a declaration on the internet: nothing in it can be verified here.
        [place] This code only points to a place on the internet: it names no visitor.
       *[page] This code only points to a page on the internet: nothing in it can be verified here.
    }
reason-E-POSTER = This is the poster of a place: it names no visitor.
reason-E-NOPROOF = A { $what } certificate: this kiosk reads it and cannot check its signature.
reason-E-ALG = The code is signed in a way that is not accepted.

reason-S-NOLIST = There is no trust list, so no signature can be checked.
reason-S-OLDLIST = The trust list is { $days } days old; its limit is { $days_max } days.
reason-S-KEY = The trust list does not hold the key of whoever issued this code.
reason-S-SIG = The signature does not match: the content may have been changed.
reason-S-USE = The signature is good, but its signer may not issue this kind of document.
reason-S-WINDOW = Signed at { $signed_at }, outside the key's validity ({ $not_before } to { $not_after }).
reason-S-REGION = The signer's documents do not count at this place.
reason-S-LIFETIME = Valid for { $days } days; its signer may give { $days_max } at most.
reason-S-REVOKED = This document was revoked.
reason-S-REVLIST = The list of revoked documents cannot be read.

reason-C-SCHEMA = The signature is good, but the content does not follow its schema.
reason-C-EXPIRED = The code expired at { $not_after } (now it is { $now }).
reason-C-EARLY = The code is not valid before { $not_before } (now it is { $now }).

reason-V-PERSON = The two codes name two different people.
reason-V-MATCH = The codes may name one person, but the machine is not sure: { $score } points of { $score_min }.
reason-V-NEXT = Another person's code is in view: first settle this visitor.
reason-V-MISSING =
    { $missing ->
        [certificate] Not everything was shown: the vaccination certificate is missing.
        [next-code] Not everything was shown: { $shown } of the card's { $of } codes so far.
        [identity] Not everything was shown: the identity card is missing.
        [entry-declaration] Not everything was shown: the declaration made at entry is missing.
        [health-proof] Not everything was shown: a certificate of vaccination, recovery or a test is missing.
        [test] Not everything was shown: the test is missing.
        [permit] Not everything was shown: the travel permit is missing.
        [answer] Not everything was shown: the answer of the app is missing.
        [guardian] Nobody came to pick up: no code of a registered guardian was shown.
       *[declaration] Not everything was shown: the health declaration is missing.
    }
reason-V-UNSIGNED =
    { $missing ->
        [certificate] Identified, not verified: the vaccination certificate is missing.
        [identity] Identified, not verified: the identity card is missing.
        [next-code] Identified, not verified: { $shown } of the card's { $of } codes so far.
        [entry-declaration] Identified, not verified: the declaration made at entry is missing.
        [health-proof] Identified, not verified: a certificate of vaccination, recovery or a test is missing.
        [test] Identified, not verified: the test is missing.
        [permit] Identified, not verified: the travel permit is missing.
       *[declaration] Identified, not verified: the health declaration is missing.
    }
reason-V-AGAIN =
    { $direction ->
        [out] This person already passed at { $at }, on the way out.
       *[in] This person already passed at { $at }, on the way in.
    }
reason-V-BORROWED = At { $at } a guard saw somebody else show this person's codes.
reason-V-ROSTER = Not on the school's list, or several on it are alike.
reason-V-GUARDIAN = This is not a guardian registered to pick the pupil up.

reason-P-NOKEY = This document is not bound to a phone, so the answer proves nothing.
reason-P-FORGED = The answer was not signed by the phone of this document's holder.
reason-P-PLACE = The answer is for another checkpoint.
reason-P-OLD = The answer is too old: the code on this screen has changed.
reason-P-GIVEN = This answer was used already: it may be a photograph.

reason-R-NONE = No requirement is set up at this checkpoint.
reason-R-VACCINE = This checkpoint's rules do not know this vaccine.
reason-R-DOSES =
    { $doses ->
        [one] 1 dose so far; { $doses_min } are required.
       *[other] { $doses } doses so far; { $doses_min } are required.
    }
reason-R-RECENT =
    { $days_left ->
        [one] Last dose { $days } days ago: { $days_min } days are reached in 1 day, on { $holds_from }.
       *[other] Last dose { $days } days ago: { $days_min } days are reached in { $days_left } days, on { $holds_from }.
    }
reason-R-OLD = Last dose { $days } days ago; the limit is { $days_max } days.
reason-R-DATE = A day on the certificate is incomplete or has not come yet, so its age cannot be told.
reason-R-DECLOLD = The health declaration is { $hours } hours old; the limit is { $hours_max } hours.
reason-R-SYMPTOMS =
    { $count ->
        [one] The health declaration names 1 symptom.
       *[other] The health declaration names { $count } symptoms.
    }
reason-R-CONTACT = The health declaration names contact with a case.
reason-R-PLACES =
    { $count ->
        [one] The health declaration names 1 place with an outbreak.
       *[other] The health declaration names { $count } places with an outbreak.
    }
reason-R-TESTOLD = The test is { $hours } hours old, more than { $hours_max } hours.
reason-R-POSITIVE = The test is positive.
reason-R-TEST = The kind, result or time of the test is not in the rules of this checkpoint.
reason-R-RECOVERED = Recovered { $days } days ago, more than { $days_max } days.
reason-R-YELLOW = YELLOW: not enough for green, may pass for some purposes.
reason-R-ROUTE = The travel permit does not name this province.
reason-R-PROVINCE = The rules set here are another province's.
reason-R-FAULT = The rules could not be evaluated (fault { $fault }).

reason-K-CLOCK = The kiosk's clock is in doubt: it says { $estimate }, and only "after { $floor }" is certain.
reason-K-JOURNAL = The kiosk could not store this passage.

reason-G-OVERRIDE = The guard on duty decided to let this visitor pass.
reason-G-PAPER-TYPED = On paper that the guard read by eye and typed: no signature proves it.
reason-G-APP-CHECKED = On the visitor's app, which the guard saw by eye: nothing was verified.
reason-G-NOT-THIS-PERSON = The guard says: whoever showed the code is not the person it names.

## What to do

advice-let-pass = Let pass.
advice-scan-again = Scan again: hold still, nearer, with enough light.
advice-ask-for-another = Ask for another code or a newer one.
advice-show-missing = Ask for what is still missing.
advice-answer-again = Ask the visitor to scan the code on this screen anew and show the new answer.
advice-declare-again = Ask for a new health declaration.
advice-come-back-later = Too early: explain, and name the day to come back.
advice-send-to-health-post = Send to the health post.
advice-check-identity = Compare with the identity card and the papers by eye.
advice-compare-card = Compare name, birth date and photo of the card with the visitor.
advice-ask-purpose = Ask what the way is for; let pass by the province's rules for yellow.
advice-call-supervisor = Hold back and call the officer in charge: this may be a forgery.
advice-update-list = Update the trust list (USB or network). Until then, check the papers by eye.
advice-check-clock = Check papers by eye for now. Set the kiosk's clock or update the trust list.
advice-check-kiosk = The kiosk is at fault: check the papers by eye and tell the office.
advice-write-visitor = Ask whom they visit, look at their papers, write them into the visitors' book.
advice-ring-guardian = Keep the pupil here and ring a registered guardian first.

## Next step

step-certificate = Please scan the vaccination certificate
step-declaration = Please scan the health declaration
step-next-code = Please scan the card's next code ({ $shown } of { $of } so far)
step-identity = Please scan the identity card
step-entry-declaration = Please scan the declaration made at entry
step-health-proof = Please scan a certificate of vaccination, recovery or a test
step-test = Please scan the test
step-permit = Please scan the travel permit
step-answer = Ask the visitor to scan the code on this screen with their app, then show the answer
step-guardian = Please scan the code of whoever picks up

## Faults: what is wrong, and what to do

fault-camera-missing = No camera found
fault-camera-missing-do = Plug the camera's cable in again. A handheld scanner still works.
fault-camera-busy = Another program is using the camera
fault-camera-busy-do = Close that program. The kiosk tries again within seconds.
fault-camera-wedged = The camera sends no picture
fault-camera-wedged-do = Unplug the camera, wait 5 seconds, plug it in again.
fault-camera-dark = The camera's picture is black
fault-camera-dark-do = Open the lens cover, clean the lens, switch on a light.
fault-recording-ended = The recording has ended
fault-recording-ended-do = Play it again, or connect a camera for real checks.
fault-disk-full = Storage is full: passages cannot be kept
fault-disk-full-do = Copy the data to a USB stick and make room. Check by eye until then.
fault-room-low = Room for passages is running out
fault-room-low-do = Checking and recording go on in full. Copy data to a USB stick and make room, or tell the office.
fault-disk-fault = Storage cannot be written
fault-disk-fault-do = Restart the kiosk; if it stays so, replace the card and tell the office.
fault-journal-newer = The journal was written by newer software
fault-journal-newer-do = Install the newer software again. Do not delete the journal.
fault-journal-corrupt = The journal is damaged
fault-journal-corrupt-do = Keep the file as it is, delete nothing, and tell the office at once.
fault-journal-recovering = The journal is being recovered
fault-journal-recovering-do = It mends itself within a minute. Do not switch off; check papers by eye.
fault-journal-cut = The end of the journal is missing
fault-journal-cut-do = Call the office now and keep the disk as it is. Checking and recording go on.
fault-mirror-lost = The journal's backup cannot be written
fault-mirror-lost-do = Put the backup card or stick back. Checking and recording go on in full.
fault-mirror-full = The journal's backup is full
fault-mirror-full-do = Ask the office for a larger one. Checking and recording go on in full.
fault-mirror-refused = Backup damaged or another kiosk's
fault-mirror-refused-do = Delete nothing, tell the office. Checking and recording go on in full.
fault-mirror-behind = The journal's backup is behind
fault-mirror-behind-do = It catches up by itself. If it takes hours, change the backup card or stick.

# What a start found of the journal, in one line.
journal-new = A new journal, nothing in it yet
journal-whole = Journal whole: { $n }
journal-newest = newest { $at }
journal-dropped = { $n } unfinished left out
journal-indexing = counting the statistics again: { $percent } %, nothing to do
fault-trust-missing = No trust list
fault-trust-missing-do = Load a trust list from USB or network. Until then every code is checked by eye.
fault-trust-rejected = The new trust list was refused
fault-trust-rejected-do = Fetch the file again from its official source. An older list stays in use.
fault-trust-stale = The trust list is past its limit
fault-trust-stale-do = Load a newer list from USB or network. Until then nothing is shown as valid.
fault-tracing-key-missing = No tracing key for today
fault-tracing-key-missing-do = Update the trust list. Passages are kept, but without names.
fault-clock-in-doubt = The clock is in doubt
fault-clock-in-doubt-do = Set the clock or update the trust list.

## Why the guard lets somebody pass

override-emergency = Emergency: ambulance, fire, danger
override-paper-checked = Papers were checked by eye
override-order = Order of the officer in charge
override-known-visitor = Code unreadable, visitor is known

## Direction

direction-in = IN
direction-out = OUT

## Screen

language-name = English
app-title = Checkpoint kiosk

waiting-title = Hold the QR code before the camera
waiting-hint = On paper, on a card or on a phone
waiting-ready = READY

gathering-title = ONE MORE CODE
gathering-remaining =
    { $seconds ->
        [one] 1 second left
       *[other] { $seconds } seconds left
    }

who-birth-year = Born { $year }
who-unproven = not verified
who-masked = Name hidden
who-unknown = Nobody named

holds-until = Holds until { $time }
holds-left = { $left } left
duration-minutes = { $n } min
duration-hours =
    { $n ->
        [one] 1 hour
       *[other] { $n } hours
    }
duration-days =
    { $n ->
        [one] 1 day
       *[other] { $n } days
    }

why = Reason
do-next = What to do
last-code = Last code:
code-label = Code { $code }
passage-number = Passage no. { $n }

closes-in =
    { $seconds ->
        [one] Closes in 1 second
       *[other] Closes in { $seconds } seconds
    }
held = Held on the screen

action-dismiss = Next
action-hold = Hold
action-release = Release
action-override = Let pass
action-turn = Turn direction
action-cancel = Back

override-title = Why let pass?
override-note = This passage is recorded together with the reason.

out-of-service = OUT OF SERVICE

totals-title = Today
totals-all =
    { $n ->
        [one] 1 passage
       *[other] { $n } passages
    }

trust-title = Trust list
trust-missing = None
trust-version = Version { $version }
trust-age-today = signed today
trust-age-days =
    { $days ->
        [one] signed 1 day ago
       *[other] signed { $days } days ago
    }
trust-fresh = Fresh
trust-ageing = Ageing: update soon
trust-stale = Past its limit
trust-green-days =
    { $days ->
        [one] green for 1 day more
       *[other] green for { $days } days more
    }
trust-green-hours =
    { $hours ->
        [0] green for less than an hour
        [one] green for 1 hour more
       *[other] green for { $hours } hours more
    }

picture-name = Live picture
picture-none = No picture yet
clock-in-doubt = Clock in doubt
faults-more =
    { $n ->
        [one] and 1 more fault
       *[other] and { $n } more faults
    }

demo-banner = DEMO – NOT FOR REAL CHECKS

## `kiosk verify`: the layers of a code, for the office

verify-scheme = Scheme
verify-unsigned = unsigned: identified, not verified
verify-content = What it says
verify-content-unproven = What it says (NOT PROVEN)
verify-verdict = Verdict
layer-prefix = prefix
layer-letters = letters to bytes
layer-inflate = zlib
layer-structure = structure
layer-trust-list = trust list
layer-chain = certificate of the signer
layer-signature = signature
layer-content = content
layer-schema = schema
layer-key-use = what the key may sign
layer-key-window = signed while the key was valid
layer-validity = valid now
layer-revocation = not taken back

## Groups, paper, the open checkpoint

action-paper = Paper
action-more = More
action-end-party = Group done
action-not-this-person = Not this person
action-close = Check again
action-wave = Wave on +1
more-title = Something else
more-note = Choose what to do
more-party = Group or vehicle: several people, one passage
more-paper = Paper without a code: type it in
more-surge = Open the checkpoint: count, do not check
paper-title = What kind of paper?
paper-note = You read it by eye and vouch for it
paper-vaccination = Vaccination paper
paper-pcr-test = Negative PCR test
paper-antigen-test = Negative rapid test
paper-permit = Travel permit
paper-app = The visitor's app
surge-title = Why open the checkpoint?
surge-note = From now on people are counted, nobody is checked
surge-queue = The queue blocks the road
surge-emergency = Accident, disaster
surge-order = By order
ask-plate = Vehicle plate
ask-plate-hint = Leave empty if there is no vehicle
ask-guard = Guard's badge number
ask-guard-hint = Who decides to open the checkpoint
ask-name = Full name
ask-name-hint = Capitals without marks, as on the paper
ask-birth = Date of birth
ask-birth-hint = Day, month, year (18011990), or the year alone; empty if not written
ask-number = Identity number
ask-number-hint = Leave empty if not written
ask-doses = Doses of vaccine
ask-doses-hint = As the paper says
ask-vaccine = Vaccine of the last dose
ask-vaccine-hint = Its first letters (ASTRA, PFIZER, VERO); empty if not written
ask-time = Time of the sample
ask-time-hint = Hours and minutes (0730); empty if not written
ask-date = Date on the paper
ask-date-hint = Day, month, year (10012026); empty if not written
ask-wrong = That cannot be: look again and correct it.
key-space = space
key-erase = Erase
key-done = Done
party-visitors =
    { $n ->
        [one] 1 person
       *[other] { $n } people
    }
party-stopped = { $n } not passed
party-next = next person, please
party-full = no more in one passage: press Group done
head-title = Signed journal of this kiosk
head-hint = Let another kiosk scan this code
head-record = record { $n }
noted-kept = Kept as a witness for the other kiosk
noted-kept-do = Nothing to do. No visitor was checked.
noted-unknown-device = Another kiosk that the trust list does not name
noted-unknown-device-do = Update the trust list, then scan again. Nothing was kept.
noted-forged = This is not what the other kiosk signed
noted-forged-do = Call the supervisor. Nothing was kept.
noted-damaged = The other kiosk's code cannot be read
noted-damaged-do = Scan it again, or update this kiosk. Nothing was kept.
open-title = CHECKPOINT OPEN
open-waved = { $n } through
open-since = Since { $time }
open-do = Press once for each person or vehicle that goes through.
question = Scan this with your app
remembers-since = Remembers who passed since { $time }

## The picture: what hinders, and what can be set

hint-too-dark = Too dark – more light
hint-glare = Glare – tilt the code
hint-too-far = Too far – come nearer
hint-blurred = Blurred – hold it still
hint-partial = Only a part – show all of it
outline-name = A code that was read
camera-light = Light on
camera-light-on = Light off
camera-light-absent = No light
camera-zoom = Enlarge
camera-zoom-on = Whole view
camera-zoom-absent = Cannot enlarge
camera-other = Other camera
camera-other-on = Other camera
camera-other-absent = One camera only

look-day = Day colours
look-night = Night colours
look-contrast = High contrast
text-large = Large text
text-usual = Usual text

## Modes, shifts, checklists

training-over = Training ended with the restart: from now on every passage is recorded.
training-banner = TRAINING – NOTHING IS RECORDED
modes-title = Mode
modes-note = A change takes the PIN and is recorded
mode-checkpoint = Checkpoint
mode-patrol = Patrol
mode-school = School gate
mode-unattended = Unattended
mode-register = Register only
mode-training = Training
rules-title = Rule sets
rules-note = A change takes the PIN and is recorded
rules-use = Use from now on
rule-two-doses-14-days = Two doses, 14 days
rule-declaration-72h = Declaration within 72 hours
rule-entry-declaration = Declaration at entry
rule-negative-test = Negative test
rule-travel-permit = Travel permit
rule-khanh-hoa-colours = Colours of Khánh Hòa
rule-school-gate = School gate
rule-register-only = Register only
places-title = Change place
places-note = The place goes into every passage
places-unsigned-title = Change place
places-unsigned-note = This kiosk's own list: no authority signed it
places-no-region = Elsewhere
pin-title = PIN
pin-note = Whoever is responsible for the kiosk knows it
pin-done = Done.
pin-checking = Checking the PIN
pin-wrong =
    { $n ->
        [one] Wrong PIN. { $n } try left.
       *[other] Wrong PIN. { $n } tries left.
    }
pin-locked =
    { $n ->
        [one] Wrong too often. Try again in { $n } minute. Checking goes on as before.
       *[other] Wrong too often. Try again in { $n } minutes. Checking goes on as before.
    }
pin-not-set = Nobody has set a PIN on this kiosk. Whoever is responsible runs: kiosk pin
pin-not-kept = The PIN is right, but the journal could not keep the change: nothing was changed.
engaged = End the group, or close the checkpoint again, before you change this.
ask-pin = PIN
ask-pin-hint = 4 to 12 digits
ask-shift = Badge number of the guard who takes over
ask-shift-hint = Recorded with the time
ask-checked = Badge number of the guard who checked
ask-checked-hint = What is not ticked is recorded as not in order

figures-title = Statistics
figures-note = Who passed, who did not and why
figures-wait = Counting…
place-code-title = Location code
place-code-note = Visitors scan it with their app
place-code-name = The location's QR code
place-code-hint = Visitors scan it on this screen, or save an A4 poster to print.
place-code-save = Save to print
place-code-print = Print now
place-code-printed = Sent to the printer { $printer }.
place-code-here = No stick was found; saved in this kiosk: { $folder }. Plug a stick in and save again.
place-code-on-stick = Saved to the stick: { $folder }. Print the PDF at 100 % wherever there is a printer.
place-code-not-saved = Not saved: { $fault }
place-name = Name
place-number = Code
place-province = Province
shift-title = Shift
shift-note = Take over, check the kiosk, finish
shift-begin = Take over
shift-end = End of shift
shift-head = Signed journal
shift-try-sound = Try the sound
shift-guard = Guard
shift-since = Since
shift-count = In this shift
check-camera = Camera
check-light = Light
check-sound = Sound
check-clock = Clock
check-list = Trust list
check-disk = Disk
check-good = Good
check-missing = None
check-bad = Look at it
check-sound-try = Press to hear it
check-sound-absent = This kiosk makes no sound: watch the screen
lists-title = Safety checklists
lists-note = Once a day, signed into the journal
lists-due = not done today
lists-done = done today
lists-sign = Sign
help-title = How to use it
help-note = Six things to remember
help-show = The visitor holds the code before the camera, a hand away
help-green = Green: let pass
help-red = Red: not met, read out the reason
help-amber = Amber: the kiosk is not sure, look yourself
help-override = Letting pass always takes a reason
help-hold = Hold the screen when you need more time
about-title = About this kiosk
about-note = Read it out on the telephone
about-version = Program
about-device = Device
about-place = Place
about-mode = Mode
about-rules = Rule sets
about-list = Trust list
about-storage = Journal folder
about-journal = Journal at the start
about-fonts = Fonts

## Reasons in a few words, for plots. The code follows "cause-".

cause-E-UNKNOWN = unknown kind of code
cause-E-FORM = damaged or partly read
cause-E-SIZE = too large a code
cause-E-CUT = card read in part
cause-E-LINK = only a link
cause-E-POSTER = the poster of a place
cause-E-NOPROOF = signature cannot be checked
cause-E-ALG = signed in a way that is not accepted
cause-S-NOLIST = no trust list
cause-S-OLDLIST = trust list too old
cause-S-KEY = unknown issuer
cause-S-SIG = bad signature
cause-S-USE = signer may not issue it
cause-S-WINDOW = signed outside the key's time
cause-S-REGION = does not count here
cause-S-LIFETIME = valid for too long
cause-S-REVOKED = revoked
cause-S-REVLIST = revocations unreadable
cause-C-SCHEMA = content not as specified
cause-C-EXPIRED = expired
cause-C-EARLY = not valid yet
cause-V-PERSON = codes of two people
cause-V-MATCH = perhaps two people
cause-V-MISSING = a code is missing
cause-V-UNSIGNED = identified, not verified
cause-V-AGAIN = passed a moment ago
cause-V-NEXT = another person's code too early
cause-V-BORROWED = shown by somebody else before
cause-V-ROSTER = not on the school's list
cause-V-GUARDIAN = not a registered guardian
cause-P-NOKEY = not bound to a phone
cause-P-FORGED = answer of another phone
cause-P-PLACE = answer for another checkpoint
cause-P-OLD = answer too old
cause-P-GIVEN = answer used already
cause-R-NONE = no requirement set up
cause-R-VACCINE = vaccine not in the rules
cause-R-DOSES = too few doses
cause-R-RECENT = last dose too recent
cause-R-OLD = last dose too long ago
cause-R-DATE = a day is unclear
cause-R-DECLOLD = declaration too old
cause-R-SYMPTOMS = declared symptoms
cause-R-CONTACT = declared contact
cause-R-PLACES = declared affected places
cause-R-TESTOLD = test too old
cause-R-POSITIVE = positive test
cause-R-TEST = test not in the rules
cause-R-RECOVERED = recovered too long ago
cause-R-YELLOW = yellow
cause-R-ROUTE = permit for another province
cause-R-PROVINCE = rules of another province
cause-R-FAULT = rules not evaluated
cause-K-CLOCK = clock in doubt
cause-K-JOURNAL = not stored
cause-G-OVERRIDE = let pass by the guard
cause-G-PAPER-TYPED = paper typed by hand
cause-G-APP-CHECKED = app seen by eye
cause-G-NOT-THIS-PERSON = not the person named

span-today = Today
span-yesterday = Yesterday
span-week = 7 days
figures-reasons = Why not passed
figures-no-reasons = Nobody was stopped.
figures-more = and { $n } more
figures-scans = Scan time
figures-no-scans = None measured yet.
scan-median = Half within { $time }
scan-p95 = 95 % within { $time }
scan-up-to = up to { $time }
scan-beyond = more than { $time }
seconds = { $n } s
decimal-mark = .

## What is said to the visitor, where the screen faces them: the message's name with "-visitor"

waiting-title-visitor = Hold your code in the frame
waiting-hint-visitor = On paper, on a card or on a phone; a hand's breadth away
step-answer-visitor = Scan the code on this screen with your app, then show the answer
advice-let-pass-visitor = You may pass.
advice-scan-again-visitor = Show your code again: hold still, nearer, with enough light.
advice-ask-for-another-visitor = Show another code or a newer one.
advice-show-missing-visitor = Please show what is still missing.
advice-answer-again-visitor = Scan the code on this screen anew and show the new answer.
advice-declare-again-visitor = Make a new health declaration and show its code.
advice-come-back-later-visitor = Too early. An officer tells you the day to come back.
advice-send-to-health-post-visitor = Go to the health post, please.
advice-check-identity-visitor = Go to an officer with your identity card and papers, please.
advice-compare-card-visitor = Go to an officer with the card that you scanned, please.
advice-ask-purpose-visitor = Go to an officer and say what your way is for, please.
advice-call-supervisor-visitor = Wait here, please. An officer will come.
advice-update-list-visitor = This code cannot be checked here. Go to an officer, please.
advice-check-clock-visitor = This code cannot be checked here. Go to an officer, please.
advice-check-kiosk-visitor = This kiosk is out of order. Go to an officer, please.
advice-write-visitor-visitor = Go to the guard and give your name, please.
advice-ring-guardian-visitor = Wait here, please. The school calls whoever picks you up.
step-guardian-visitor = Whoever picks you up shows their code
fault-visitor = Go to an officer, please.
due-title = Today's checklist is not done
due-hint = Touch to open

## School gate

who-class = Class { $class }
who-picked-up = Picked up by { $by }
who-not-registered = Whoever came is not registered
guardians = Registered to pick up: { $names }.
guardians-none = Nobody is registered to pick up this pupil.
inside-title = Still inside
inside-note = Touch a class for its names; they go by themselves
inside-listed = { $n } inside
inside-others =
    { $n ->
        [one] 1 visitor
       *[other] { $n } visitors
    }
inside-late = School is over: { $n } still inside
inside-since = Counted since { $time }; a restart begins anew.
inside-all = All classes
inside-no-class = No class
roster-none = No list yet: plug in the stick with roster.csv
roster-people =
    { $n ->
        [one] List: 1 person
       *[other] List: { $n } people
    }
roster-lines =
    { $n ->
        [one] 1 damaged line
       *[other] { $n } damaged lines
    }
roster-damaged = Damaged lines of the list: { $lines }.
roster-fault-too-large = The list's file is too large (more than 8 MiB)
roster-fault-too-many = The list is too long (more than 20,000 lines)
roster-fault-not-text = The list is not CSV in UTF-8
roster-fault-no-heading = The list's first line lacks the names of its columns
roster-fault-nobody = Nobody stands on the list

## Codes to learn with

practice-title = Practice codes
practice-note = Codes and time of the demonstration: nothing is kept
practice-code = A QR code to learn with
practice-number = Code { $n }
practice-hint = Let another kiosk or a phone scan this code, or try it on this kiosk.
practice-try = Try this code
practice-admitted-by-one-code = Two doses and a declaration, one code
practice-admitted-by-certificate-then-declaration = Certificate, then declaration: two codes
practice-a-web-address-only = A shop's code: only a link
practice-one-dose-only = One dose only
practice-second-dose-12-days-ago = Second dose 12 days ago
practice-declared-80-hours-ago = Declaration of 80 hours ago
practice-declares-symptoms = Declares fever and cough
practice-expired = An expired code
practice-forged = Changed: bad signature
practice-unknown-key = An issuer that the list does not name
practice-two-people = Two codes of two people
practice-key-not-for-declarations = A hospital signs a declaration: not allowed
practice-leaves-without-a-declaration = No declaration: unfinished
