# ລາວ. What a visitor at the border reads on the unattended screen; everything else is said in English.
# Written by people who do not speak Lao, from words of every day: somebody who does must read it before it is used
# (docs/languages.md). Font: lo.ttf, Noto Sans Lao (SIL OFL 1.1).

language-name = ລາວ

outcome-admit = ຖືກຕ້ອງ
outcome-refuse = ບໍ່ຖືກຕ້ອງ
outcome-refer = ຕ້ອງກວດສອບ
outcome-registered = ບັນທຶກແລ້ວ

waiting-title-visitor = ກະລຸນາວາງລະຫັດໄວ້ໃນກອບ
waiting-hint-visitor = ໃນເຈ້ຍ, ບັດ ຫຼື ໂທລະສັບ
gathering-title = ຕ້ອງການລະຫັດອີກ
gathering-remaining = ຍັງເຫຼືອ { $seconds } ວິນາທີ
step-certificate = ກະລຸນາສະແກນໃບສັກວັກຊີນ
step-declaration = ກະລຸນາສະແກນໃບແຈ້ງສຸຂະພາບ
step-identity = ກະລຸນາສະແກນບັດປະຈໍາຕົວ
closes-in = ປິດໃນ { $seconds } ວິນາທີ
who-masked = ບໍ່ສະແດງຊື່
why = ເຫດຜົນ
action-dismiss = ຕໍ່ໄປ

advice-let-pass-visitor = ເຊີນຜ່ານໄດ້
advice-scan-again-visitor = ກະລຸນາສະແກນອີກຄັ້ງ
advice-ask-for-another-visitor = ກະລຸນາສະແກນລະຫັດອື່ນ
advice-declare-again-visitor = ກະລຸນາແຈ້ງສຸຂະພາບໃໝ່
advice-come-back-later-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
advice-send-to-health-post-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
advice-check-identity-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
advice-compare-card-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
advice-ask-purpose-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
advice-call-supervisor-visitor = ກະລຸນາລໍຖ້າຢູ່ນີ້
advice-update-list-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
advice-check-clock-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
advice-check-kiosk-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
fault-visitor = ກະລຸນາພົບເຈົ້າໜ້າທີ່
