# ភាសាខ្មែរ. What a visitor at the border reads on the unattended screen; everything else is said in English.
# Written by people who do not speak Khmer, from words of every day: somebody who does must read it before it is used
# (docs/languages.md). Font: km.ttf, Noto Sans Khmer (SIL OFL 1.1).

language-name = ភាសាខ្មែរ

outcome-admit = ត្រឹមត្រូវ
outcome-refuse = មិនត្រឹមត្រូវ
outcome-refer = ត្រូវពិនិត្យ
outcome-registered = បានកត់ត្រា

waiting-title-visitor = សូមដាក់កូដក្នុងស៊ុម
waiting-hint-visitor = លើក្រដាស កាត ឬទូរស័ព្ទ
gathering-title = ត្រូវការកូដមួយទៀត
gathering-remaining = នៅសល់ { $seconds } វិនាទី
step-certificate = សូមស្កេនប័ណ្ណចាក់វ៉ាក់សាំង
step-declaration = សូមស្កេនប្រកាសសុខភាព
step-identity = សូមស្កេនអត្តសញ្ញាណប័ណ្ណ
closes-in = បិទក្នុង { $seconds } វិនាទី
who-masked = លាក់ឈ្មោះ
why = មូលហេតុ
action-dismiss = បន្ទាប់

advice-let-pass-visitor = សូមអញ្ជើញទៅ
advice-scan-again-visitor = សូមស្កេនម្ដងទៀត
advice-ask-for-another-visitor = សូមបង្ហាញកូដផ្សេង
advice-declare-again-visitor = សូមប្រកាសសុខភាពម្ដងទៀត
advice-come-back-later-visitor = សូមជួបមន្ត្រី
advice-send-to-health-post-visitor = សូមជួបមន្ត្រី
advice-check-identity-visitor = សូមជួបមន្ត្រី
advice-compare-card-visitor = សូមជួបមន្ត្រី
advice-ask-purpose-visitor = សូមជួបមន្ត្រី
advice-call-supervisor-visitor = សូមរង់ចាំនៅទីនេះ
advice-update-list-visitor = សូមជួបមន្ត្រី
advice-check-clock-visitor = សូមជួបមន្ត្រី
advice-check-kiosk-visitor = សូមជួបមន្ត្រី
fault-visitor = សូមជួបមន្ត្រី
