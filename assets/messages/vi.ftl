# Tiếng Việt: lời của máy kiểm soát. Mỗi mục phải có trong mọi tệp ngôn ngữ, với cùng tên và cùng tham số.

## Kết quả

outcome-admit = HỢP LỆ
outcome-refuse = KHÔNG HỢP LỆ
outcome-refer = CẦN KIỂM TRA
outcome-override = CHO QUA
outcome-registered = ĐÃ GHI NHẬN
outcome-waved = ĐÃ CHO QUA

outcome-admit-short = hợp lệ
outcome-refuse-short = không hợp lệ
outcome-refer-short = cần kiểm tra
outcome-override-short = cán bộ cho qua
outcome-registered-short = ghi nhận
outcome-waved-short = xả chốt

## Lý do. Mã ngắn đứng sau "reason-" để cán bộ đọc qua điện thoại.

reason-E-UNKNOWN = Máy không nhận ra loại mã này.
reason-E-FORM = Mã bị hỏng hoặc đọc chưa trọn.
reason-E-SIZE = Dữ liệu trong mã quá lớn (tối đa { $kib_max } KiB).
reason-E-CUT = Máy quét mới đọc được { $fields } trên { $fields_min } mục của thẻ này.
reason-E-LINK =
    { $to ->
        [declaration] Mã này chỉ là đường dẫn tới tờ khai trên mạng: tại đây không kiểm chứng được.
        [place] Mã này chỉ là đường dẫn tới một địa điểm trên mạng: không cho biết ai đang qua chốt.
       *[page] Mã này chỉ là đường dẫn tới một trang mạng: tại đây không kiểm chứng được.
    }
reason-E-POSTER = Đây là mã của địa điểm, không cho biết ai đang qua chốt.
reason-E-NOPROOF = Chứng nhận { $what }: máy này đọc được nhưng không kiểm tra được chữ ký.
reason-E-ALG = Mã được ký theo cách không được công nhận.

reason-S-NOLIST = Máy chưa có danh sách tin cậy nên không kiểm tra được chữ ký.
reason-S-OLDLIST = Danh sách tin cậy đã cũ { $days } ngày, quá hạn { $days_max } ngày.
reason-S-KEY = Danh sách tin cậy chưa có khóa của nơi cấp mã này.
reason-S-SIG = Chữ ký không khớp: nội dung mã có thể đã bị sửa.
reason-S-USE = Chữ ký đúng, nhưng nơi ký không có quyền cấp loại giấy này.
reason-S-WINDOW = Mã ký lúc { $signed_at }, ngoài thời hạn của khóa (từ { $not_before } đến { $not_after }).
reason-S-REGION = Giấy của nơi cấp này không có giá trị tại đây.
reason-S-LIFETIME = Có hiệu lực { $days } ngày; nơi cấp chỉ được cho tối đa { $days_max } ngày.
reason-S-REVOKED = Giấy này đã bị thu hồi.
reason-S-REVLIST = Không đọc được danh sách giấy đã thu hồi.

reason-C-SCHEMA = Chữ ký đúng, nhưng nội dung không theo mẫu quy định.
reason-C-EXPIRED = Mã hết hạn lúc { $not_after } (bây giờ là { $now }).
reason-C-EARLY = Mã chưa có hiệu lực: bắt đầu từ { $not_before } (bây giờ là { $now }).

reason-V-PERSON = Hai mã vừa quét không phải của cùng một người.
reason-V-MATCH = Các mã có thể là của cùng một người nhưng máy chưa chắc: { $score } điểm, cần { $score_min }.
reason-V-NEXT = Đã thấy mã của người khác: giải quyết xong khách này trước.
reason-V-MISSING =
    { $missing ->
        [certificate] Chưa quét đủ: còn thiếu chứng nhận tiêm chủng.
        [next-code] Chưa quét đủ: mới quét { $shown } trong { $of } mã của thẻ.
        [identity] Chưa quét đủ: còn thiếu căn cước công dân.
        [entry-declaration] Chưa quét đủ: còn thiếu tờ khai y tế nhập cảnh.
        [health-proof] Chưa quét đủ: còn thiếu chứng nhận tiêm, khỏi bệnh hoặc xét nghiệm.
        [test] Chưa quét đủ: còn thiếu kết quả xét nghiệm.
        [permit] Chưa quét đủ: còn thiếu giấy đi đường.
        [answer] Chưa quét đủ: còn thiếu mã trả lời của ứng dụng.
        [guardian] Chưa có người đón: chưa quét mã của người đón đã đăng ký.
       *[declaration] Chưa quét đủ: còn thiếu tờ khai y tế.
    }
reason-V-UNSIGNED =
    { $missing ->
        [certificate] Đã nhận diện, chưa xác thực: còn thiếu chứng nhận tiêm chủng.
        [identity] Đã nhận diện, chưa xác thực: còn thiếu căn cước công dân.
        [next-code] Đã nhận diện, chưa xác thực: mới quét { $shown } trong { $of } mã của thẻ.
        [entry-declaration] Đã nhận diện, chưa xác thực: còn thiếu tờ khai y tế nhập cảnh.
        [health-proof] Đã nhận diện, chưa xác thực: còn thiếu chứng nhận tiêm, khỏi bệnh hoặc xét nghiệm.
        [test] Đã nhận diện, chưa xác thực: còn thiếu kết quả xét nghiệm.
        [permit] Đã nhận diện, chưa xác thực: còn thiếu giấy đi đường.
       *[declaration] Đã nhận diện, chưa xác thực: còn thiếu tờ khai y tế.
    }
reason-V-AGAIN =
    { $direction ->
        [out] Người này đã qua lúc { $at }, chiều ra.
       *[in] Người này đã qua lúc { $at }, chiều vào.
    }
reason-V-BORROWED = Lúc { $at } cán bộ xác định người khác đã đưa mã của người này.
reason-V-ROSTER = Không có trong danh sách của trường, hoặc trùng tên nên chưa rõ là ai.
reason-V-GUARDIAN = Người này không phải người đón đã đăng ký.

reason-P-NOKEY = Giấy này không gắn với điện thoại nào nên câu trả lời không chứng minh được gì.
reason-P-FORGED = Câu trả lời không do điện thoại của người có giấy này ký.
reason-P-PLACE = Câu trả lời là cho một chốt khác.
reason-P-OLD = Câu trả lời đã cũ: mã trên màn hình này đã đổi.
reason-P-GIVEN = Câu trả lời này đã dùng rồi: có thể là ảnh chụp.

reason-R-NONE = Chốt này chưa được cài điều kiện kiểm tra nào.
reason-R-VACCINE = Loại vắc-xin này không có trong quy định của chốt.
reason-R-DOSES = Mới tiêm { $doses } mũi, cần đủ { $doses_min } mũi.
reason-R-RECENT = Mũi cuối mới được { $days } ngày: đủ { $days_min } ngày sau { $days_left } ngày nữa, từ { $holds_from }.
reason-R-OLD = Mũi cuối đã { $days } ngày, quá hạn { $days_max } ngày.
reason-R-DATE = Ngày ghi trên giấy không đầy đủ hoặc chưa tới, nên không tính chắc được số ngày.
reason-R-DECLOLD = Tờ khai y tế đã { $hours } giờ, quá hạn { $hours_max } giờ.
reason-R-SYMPTOMS = Tờ khai y tế ghi có { $count } triệu chứng.
reason-R-CONTACT = Tờ khai y tế ghi có tiếp xúc với ca bệnh.
reason-R-PLACES = Tờ khai y tế ghi đã đến { $count } nơi đang có dịch.
reason-R-TESTOLD = Kết quả xét nghiệm đã { $hours } giờ, quá hạn { $hours_max } giờ.
reason-R-POSITIVE = Kết quả xét nghiệm: dương tính.
reason-R-TEST = Loại, kết quả hoặc giờ lấy mẫu xét nghiệm không có trong quy định của chốt.
reason-R-RECOVERED = Đã khỏi bệnh { $days } ngày, quá hạn { $days_max } ngày.
reason-R-YELLOW = THẺ VÀNG: chưa đủ điều kiện thẻ xanh, được đi lại có giới hạn.
reason-R-ROUTE = Giấy đi đường không ghi tỉnh này.
reason-R-PROVINCE = Điều kiện kiểm tra được cài là của tỉnh khác.
reason-R-FAULT = Máy không tính được điều kiện kiểm tra (lỗi { $fault }).

reason-K-CLOCK = Giờ của máy chưa chắc chắn: máy ghi { $estimate }, chỉ chắc là sau { $floor }.
reason-K-JOURNAL = Máy không lưu được lượt qua này.

reason-G-OVERRIDE = Cán bộ trực quyết định cho qua.
reason-G-PAPER-TYPED = Theo giấy cán bộ đã xem bằng mắt và nhập: không có mã ký xác nhận.
reason-G-APP-CHECKED = Theo ứng dụng của khách mà cán bộ đã xem bằng mắt: máy không xác minh được.
reason-G-NOT-THIS-PERSON = Cán bộ trực xác định: người đưa mã không phải người ghi trong mã.

## Việc cần làm

advice-let-pass = Mời qua.
advice-scan-again = Quét lại: giữ yên, gần hơn, đủ sáng.
advice-ask-for-another = Đề nghị đưa mã khác hoặc mã mới hơn.
advice-show-missing = Mời đưa tiếp giấy còn thiếu.
advice-answer-again = Mời khách quét lại mã trên màn hình này rồi đưa mã trả lời mới.
advice-declare-again = Đề nghị khai lại tờ khai y tế.
advice-come-back-later = Chưa đủ thời gian: giải thích và hẹn ngày trở lại.
advice-send-to-health-post = Mời sang bàn y tế.
advice-check-identity = Đối chiếu với căn cước và giấy tờ bằng mắt.
advice-compare-card = So họ tên, ngày sinh và ảnh trên thẻ với người đang đứng trước chốt.
advice-ask-purpose = Hỏi mục đích đi lại; cho qua theo quy định thẻ vàng của tỉnh.
advice-call-supervisor = Giữ lại, báo ngay chốt trưởng: có thể là giấy giả.
advice-update-list = Cập nhật danh sách tin cậy (USB, mạng). Tạm kiểm tra giấy tờ bằng mắt.
advice-check-clock = Tạm kiểm tra giấy tờ bằng mắt. Chỉnh giờ máy hoặc cập nhật danh sách tin cậy.
advice-check-kiosk = Lỗi ở máy: kiểm tra giấy tờ bằng mắt và báo về đơn vị.
advice-write-visitor = Hỏi cần gặp ai, xem giấy tờ, ghi sổ khách rồi mới cho qua.
advice-ring-guardian = Giữ em lại, gọi người đón đã đăng ký trước khi giao em.

## Bước tiếp theo

step-certificate = Mời quét chứng nhận tiêm chủng
step-declaration = Mời quét tờ khai y tế
step-next-code = Mời quét mã tiếp theo của thẻ (đã quét { $shown }/{ $of })
step-identity = Mời quét CCCD
step-entry-declaration = Mời quét tờ khai y tế nhập cảnh
step-health-proof = Mời quét chứng nhận tiêm, khỏi bệnh hoặc xét nghiệm
step-test = Mời quét kết quả xét nghiệm
step-permit = Mời quét giấy đi đường
step-answer = Mời khách quét mã trên màn hình này bằng ứng dụng, rồi đưa mã trả lời
step-guardian = Mời quét mã của người đón

## Sự cố: điều gì hỏng, và phải làm gì

fault-camera-missing = Không thấy máy ảnh
fault-camera-missing-do = Cắm lại dây máy ảnh. Máy quét cầm tay vẫn dùng được.
fault-camera-busy = Chương trình khác đang dùng máy ảnh
fault-camera-busy-do = Đóng chương trình đó. Máy tự thử lại sau vài giây.
fault-camera-wedged = Máy ảnh không gửi hình
fault-camera-wedged-do = Rút dây máy ảnh, chờ 5 giây rồi cắm lại.
fault-camera-dark = Hình từ máy ảnh tối đen
fault-camera-dark-do = Mở nắp ống kính, lau kính, bật thêm đèn.
fault-recording-ended = Đã phát hết bản ghi hình
fault-recording-ended-do = Chạy lại bản ghi, hoặc nối máy ảnh để kiểm soát thật.
fault-disk-full = Bộ nhớ đầy, không lưu được lượt qua
fault-disk-full-do = Chép dữ liệu ra USB rồi dọn bộ nhớ. Tạm kiểm tra bằng mắt.
fault-room-low = Sắp hết chỗ ghi lượt qua
fault-room-low-do = Vẫn kiểm soát và ghi sổ đầy đủ. Chép dữ liệu ra USB rồi dọn bộ nhớ, hoặc báo đơn vị.
fault-disk-fault = Không ghi được vào bộ nhớ
fault-disk-fault-do = Khởi động lại máy; nếu vẫn lỗi thì thay thẻ nhớ và báo về đơn vị.
fault-journal-newer = Sổ lượt qua do phần mềm mới hơn ghi
fault-journal-newer-do = Cài lại phiên bản phần mềm mới. Không xóa sổ.
fault-journal-corrupt = Sổ lượt qua bị hỏng
fault-journal-corrupt-do = Giữ nguyên tệp, không xóa, và báo ngay về đơn vị.
fault-journal-recovering = Đang phục hồi sổ lượt qua
fault-journal-recovering-do = Máy tự làm, thường dưới một phút. Đừng tắt máy; tạm kiểm tra bằng mắt.
fault-journal-cut = Sổ lượt qua bị mất phần cuối
fault-journal-cut-do = Báo ngay về đơn vị, giữ nguyên bộ nhớ. Máy vẫn kiểm soát và ghi tiếp.
fault-mirror-lost = Không ghi được bản sao lưu của sổ
fault-mirror-lost-do = Cắm lại thẻ hoặc USB sao lưu. Máy vẫn kiểm soát và ghi sổ đầy đủ.
fault-mirror-full = Thẻ hoặc USB sao lưu sổ đã đầy
fault-mirror-full-do = Báo đơn vị đổi thẻ lớn hơn. Máy vẫn kiểm soát và ghi sổ đầy đủ.
fault-mirror-refused = Bản sao sổ hỏng hoặc của máy khác
fault-mirror-refused-do = Đừng xóa gì, báo đơn vị. Máy không ghi lên đó, vẫn kiểm soát và ghi sổ đầy đủ.
fault-mirror-behind = Sao lưu sổ đang chậm
fault-mirror-behind-do = Máy tự ghi bù. Nếu kéo dài hàng giờ, đổi thẻ hoặc USB sao lưu.

# What a start found of the journal, in one line.
journal-new = Sổ mới, chưa có lượt nào
journal-whole = Sổ đủ { $n } bản ghi
journal-newest = mới nhất { $at }
journal-dropped = { $n } lượt ghi dở không tính
journal-indexing = đang đếm lại thống kê: { $percent } %, không cần làm gì
fault-trust-missing = Chưa có danh sách tin cậy
fault-trust-missing-do = Nạp danh sách tin cậy từ USB hoặc mạng. Mọi mã đều phải kiểm tra bằng mắt.
fault-trust-rejected = Danh sách tin cậy mới không được chấp nhận
fault-trust-rejected-do = Lấy lại tệp từ nguồn chính thức. Danh sách cũ (nếu có) vẫn được dùng.
fault-trust-stale = Danh sách tin cậy đã quá hạn
fault-trust-stale-do = Nạp danh sách mới từ USB hoặc mạng. Trước đó máy không báo hợp lệ.
fault-tracing-key-missing = Chưa có khóa truy vết của hôm nay
fault-tracing-key-missing-do = Cập nhật danh sách tin cậy. Lượt qua vẫn được lưu, nhưng không kèm danh tính.
fault-clock-in-doubt = Giờ của máy chưa chắc chắn
fault-clock-in-doubt-do = Chỉnh giờ hoặc cập nhật danh sách tin cậy.

## Cán bộ cho qua: vì sao

override-emergency = Cấp cứu, chữa cháy, tình huống khẩn cấp
override-paper-checked = Đã kiểm tra giấy tờ bằng mắt
override-order = Theo lệnh của chỉ huy
override-known-visitor = Không đọc được mã, biết rõ người này

## Hướng

direction-in = VÀO
direction-out = RA

## Màn hình

language-name = Tiếng Việt
app-title = Máy kiểm soát tại chốt

waiting-title = Đưa mã QR vào trước máy ảnh
waiting-hint = Mã trên giấy, thẻ hay điện thoại đều được
waiting-ready = SẴN SÀNG

gathering-title = CẦN THÊM MỘT MÃ
gathering-remaining = Còn { $seconds } giây

who-birth-year = Sinh năm { $year }
who-unproven = chưa xác thực
who-masked = Đã ẩn tên
who-unknown = Chưa rõ là ai

holds-until = Còn giá trị đến { $time }
holds-left = còn { $left }
duration-minutes = { $n } phút
duration-hours = { $n } giờ
duration-days = { $n } ngày

why = Lý do
do-next = Việc cần làm
last-code = Mã vừa quét:
code-label = Mã lý do { $code }
passage-number = Lượt số { $n }

closes-in = Tự đóng sau { $seconds } giây
held = Đang giữ màn hình

action-dismiss = Tiếp theo
action-hold = Giữ màn hình
action-release = Thôi giữ
action-override = Cho qua
action-turn = Đổi hướng
action-cancel = Quay lại

override-title = Vì sao cho qua?
override-note = Lượt này được ghi vào sổ cùng với lý do.

out-of-service = NGỪNG PHỤC VỤ

totals-title = Hôm nay
totals-all = { $n } lượt

trust-title = Danh sách tin cậy
trust-missing = Chưa có
trust-version = Bản số { $version }
trust-age-today = ký trong hôm nay
trust-age-days = ký { $days } ngày trước
trust-fresh = Còn mới
trust-ageing = Sắp cũ, cần cập nhật
trust-stale = Quá hạn
trust-green-days = còn báo xanh { $days } ngày
trust-green-hours =
    { $hours ->
        [0] còn báo xanh chưa đến 1 giờ
       *[other] còn báo xanh { $hours } giờ
    }

picture-name = Hình từ máy ảnh
picture-none = Chưa có hình
clock-in-doubt = Giờ chưa chắc chắn
faults-more = và { $n } sự cố khác

demo-banner = BẢN TRÌNH DIỄN (DEMO) – KHÔNG DÙNG ĐỂ KIỂM SOÁT THẬT

## `kiosk verify`: the layers of a code, for the office

verify-scheme = Loại mã
verify-unsigned = không có chữ ký: đã nhận diện, chưa xác thực
verify-content = Nội dung
verify-content-unproven = Nội dung (CHƯA ĐƯỢC CHỨNG THỰC)
verify-verdict = Kết quả
layer-prefix = tiền tố
layer-letters = chữ thành byte
layer-inflate = zlib
layer-structure = cấu trúc
layer-trust-list = danh sách tin cậy
layer-chain = chứng thư của người ký
layer-signature = chữ ký
layer-content = đọc nội dung
layer-schema = đúng khuôn dạng
layer-key-use = khóa được phép ký loại này
layer-key-window = ký trong thời hạn của khóa
layer-validity = còn hiệu lực
layer-revocation = chưa bị thu hồi

## Nhóm, giấy, xả chốt

action-paper = Nhập giấy
action-more = Thêm
action-end-party = Xong nhóm
action-not-this-person = Không phải người này
action-close = Kiểm tra lại
action-wave = Cho qua +1
more-title = Việc khác
more-note = Chọn việc cần làm
more-party = Nhóm hoặc xe: nhiều người, một lượt
more-paper = Giấy không có mã: nhập bằng tay
more-surge = Xả chốt: đếm, không kiểm tra
paper-title = Giấy gì?
paper-note = Cán bộ đọc bằng mắt và chịu trách nhiệm
paper-vaccination = Giấy tiêm chủng
paper-pcr-test = Xét nghiệm PCR âm tính
paper-antigen-test = Test nhanh âm tính
paper-permit = Giấy đi đường
paper-app = Ứng dụng của khách
surge-title = Vì sao xả chốt?
surge-note = Từ lúc này chỉ đếm, không kiểm tra ai
surge-queue = Ùn tắc
surge-emergency = Sự cố, thiên tai
surge-order = Theo lệnh
ask-plate = Biển số xe
ask-plate-hint = Để trống nếu không có xe
ask-guard = Số hiệu của cán bộ
ask-guard-hint = Ai quyết định xả chốt
ask-name = Họ và tên
ask-name-hint = Viết hoa, không dấu, như trên giấy
ask-birth = Ngày sinh
ask-birth-hint = Ngày, tháng, năm (18011990), hoặc chỉ năm; để trống nếu không ghi
ask-number = Số giấy tờ
ask-number-hint = Để trống nếu không ghi
ask-doses = Số mũi đã tiêm
ask-doses-hint = Như ghi trên giấy
ask-vaccine = Tên vắc xin mũi cuối
ask-vaccine-hint = Vài chữ đầu (ASTRA, PFIZER, VERO); để trống nếu không ghi
ask-time = Giờ lấy mẫu
ask-time-hint = Giờ và phút (0730); để trống nếu không ghi
ask-date = Ngày ghi trên giấy
ask-date-hint = Ngày, tháng, năm (10012026); để trống nếu không ghi
ask-wrong = Chưa đúng: xem lại và nhập lại.
key-space = dấu cách
key-erase = Xóa
key-done = Xong
party-visitors = { $n } người
party-stopped = { $n } chưa đạt
party-next = mời người tiếp theo
party-full = đủ một lượt: bấm Xong nhóm
head-title = Sổ đã ký của máy này
head-hint = Cho máy khác quét mã này
head-record = bản ghi { $n }
noted-kept = Đã giữ làm chứng cho máy kia
noted-kept-do = Không cần làm gì. Không kiểm tra ai.
noted-unknown-device = Máy khác, chưa có trong danh sách tin cậy
noted-unknown-device-do = Cập nhật danh sách tin cậy rồi quét lại. Chưa giữ gì.
noted-forged = Mã này không phải do máy kia ký
noted-forged-do = Gọi người phụ trách. Chưa giữ gì.
noted-damaged = Không đọc được mã của máy kia
noted-damaged-do = Quét lại, hoặc cập nhật máy này. Chưa giữ gì.
open-title = ĐANG XẢ CHỐT
open-waved = { $n } lượt
open-since = Từ { $time }
open-do = Mỗi người hoặc xe đi qua: bấm một lần.
question = Quét mã này bằng ứng dụng
remembers-since = Nhớ người đã qua từ { $time }

## Hình từ máy ảnh: vướng gì, và chỉnh được gì

hint-too-dark = Quá tối – bật đèn
hint-glare = Lóa – nghiêng mã một chút
hint-too-far = Xa quá – đưa lại gần
hint-blurred = Mờ – giữ yên
hint-partial = Chỉ thấy một phần – đưa trọn mã vào
outline-name = Mã đã đọc được
camera-light = Bật đèn
camera-light-on = Tắt đèn
camera-light-absent = Không có đèn
camera-zoom = Phóng to
camera-zoom-on = Toàn cảnh
camera-zoom-absent = Không phóng to được
camera-other = Máy ảnh khác
camera-other-on = Máy ảnh khác
camera-other-absent = Chỉ có một máy ảnh

look-day = Màu ban ngày
look-night = Màu ban đêm
look-contrast = Tương phản cao
text-large = Chữ to
text-usual = Chữ thường

## Chế độ, ca trực, bảng kiểm

training-over = Tập huấn kết thúc khi máy khởi động lại: từ giờ mọi lượt qua đều ghi vào sổ.
training-banner = ĐANG TẬP – KHÔNG GHI LẠI LƯỢT NÀO
modes-title = Chế độ
modes-note = Đổi chế độ cần mã PIN, và được ghi vào sổ
mode-checkpoint = Chốt kiểm soát
mode-patrol = Tổ tuần tra
mode-school = Cổng trường
mode-unattended = Máy tự phục vụ
mode-register = Chỉ ghi nhận
mode-training = Tập huấn
rules-title = Điều kiện kiểm tra
rules-note = Đổi điều kiện cần mã PIN, và được ghi vào sổ
rules-use = Dùng từ bây giờ
rule-two-doses-14-days = Hai mũi, đủ 14 ngày
rule-declaration-72h = Tờ khai y tế trong 72 giờ
rule-entry-declaration = Tờ khai nhập cảnh
rule-negative-test = Xét nghiệm âm tính
rule-travel-permit = Giấy đi đường
rule-khanh-hoa-colours = Thẻ màu Khánh Hòa
rule-school-gate = Cổng trường
rule-register-only = Chỉ ghi nhận
places-title = Đổi nơi đứng
places-note = Nơi này được ghi vào mỗi lượt qua
places-unsigned-title = Đổi nơi đứng
places-unsigned-note = Danh sách của riêng máy này: chưa cơ quan nào ký
places-no-region = Nơi khác
pin-title = Mã PIN
pin-note = Người phụ trách máy giữ mã này
pin-done = Xong.
pin-checking = Đang kiểm tra mã PIN
pin-wrong = Mã PIN sai. Còn { $n } lần thử.
pin-locked = Sai quá nhiều lần. Thử lại sau { $n } phút. Máy vẫn kiểm soát như cũ.
pin-not-set = Chưa ai đặt mã PIN cho máy này. Người phụ trách chạy lệnh: kiosk pin
pin-not-kept = Mã PIN đúng, nhưng sổ không ghi được nên chưa đổi gì.
engaged = Bấm "Xong nhóm" hoặc "Kiểm tra lại" trước, rồi mới đổi được.
ask-pin = Mã PIN
ask-pin-hint = Từ 4 đến 12 chữ số
ask-shift = Số hiệu của cán bộ nhận ca
ask-shift-hint = Ghi vào sổ cùng giờ nhận ca
ask-checked = Số hiệu của cán bộ kiểm tra
ask-checked-hint = Mục chưa đánh dấu được ghi là chưa đạt

figures-title = Thống kê
figures-note = Ai qua, vì sao bị dừng, quét bao lâu
figures-wait = Đang đếm…
place-code-title = Mã địa điểm
place-code-note = Khách quét mã này bằng ứng dụng
place-code-name = Mã QR của địa điểm
place-code-hint = Khách quét mã ngay trên màn hình này, hoặc lưu áp phích A4 để in.
place-code-save = Lưu để in
place-code-print = In ngay
place-code-printed = Đã gửi tới máy in { $printer }.
place-code-here = Chưa thấy USB, đã lưu trong máy này: { $folder }. Cắm USB rồi bấm lưu lần nữa.
place-code-on-stick = Đã lưu vào USB: { $folder }. Mang tới máy có máy in, in tệp PDF cỡ 100 %.
place-code-not-saved = Chưa lưu được: { $fault }
place-name = Tên
place-number = Mã số
place-province = Tỉnh
shift-title = Ca trực
shift-note = Nhận ca, kiểm tra máy, kết thúc ca
shift-begin = Nhận ca
shift-end = Kết thúc ca
shift-head = Sổ đã ký
shift-try-sound = Thử tiếng
shift-guard = Cán bộ
shift-since = Nhận ca lúc
shift-count = Từ đầu ca
check-camera = Máy ảnh
check-light = Đèn
check-sound = Tiếng
check-clock = Giờ
check-list = Danh sách tin cậy
check-disk = Bộ nhớ
check-good = Tốt
check-missing = Không có
check-bad = Cần xem lại
check-sound-try = Bấm thử tiếng để nghe
check-sound-absent = Máy này không phát tiếng: nhìn màn hình
lists-title = Bảng kiểm an toàn
lists-note = Mỗi ngày một lần, ký vào sổ
lists-due = chưa làm hôm nay
lists-done = đã làm hôm nay
lists-sign = Ký vào sổ
help-title = Cách dùng
help-note = Sáu điều cần nhớ
help-show = Khách đưa mã trước máy ảnh, cách một gang tay
help-green = Xanh: mời qua
help-red = Đỏ: không đủ điều kiện, đọc lý do cho khách
help-amber = Vàng: máy chưa chắc, cán bộ tự xem
help-override = Cho qua: luôn chọn lý do
help-hold = Giữ màn hình khi cần thêm thời gian
about-title = Về máy này
about-note = Đọc cho đơn vị khi gọi điện
about-version = Phần mềm
about-device = Số máy
about-place = Nơi đặt
about-mode = Chế độ
about-rules = Điều kiện
about-list = Danh sách tin cậy
about-storage = Thư mục sổ
about-journal = Sổ lúc khởi động
about-fonts = Phông chữ

## Lý do viết ngắn, cho biểu đồ thống kê. Mã đứng sau "cause-".

cause-E-UNKNOWN = mã lạ
cause-E-FORM = mã hỏng hoặc đọc chưa trọn
cause-E-SIZE = mã quá lớn
cause-E-CUT = thẻ đọc thiếu mục
cause-E-LINK = mã chỉ là đường dẫn
cause-E-POSTER = mã của địa điểm
cause-E-NOPROOF = không kiểm tra được chữ ký
cause-E-ALG = cách ký không được công nhận
cause-S-NOLIST = chưa có danh sách tin cậy
cause-S-OLDLIST = danh sách tin cậy đã cũ
cause-S-KEY = chưa có khóa của nơi cấp
cause-S-SIG = chữ ký không khớp
cause-S-USE = nơi ký không có quyền cấp
cause-S-WINDOW = ký ngoài thời hạn của khóa
cause-S-REGION = không có giá trị tại đây
cause-S-LIFETIME = hiệu lực dài quá mức
cause-S-REVOKED = giấy đã bị thu hồi
cause-S-REVLIST = không đọc được danh sách thu hồi
cause-C-SCHEMA = nội dung sai mẫu
cause-C-EXPIRED = mã hết hạn
cause-C-EARLY = mã chưa có hiệu lực
cause-V-PERSON = mã của hai người khác nhau
cause-V-MATCH = chưa chắc cùng một người
cause-V-MISSING = chưa quét đủ mã
cause-V-UNSIGNED = mới nhận diện, chưa xác thực
cause-V-AGAIN = vừa qua chốt xong
cause-V-NEXT = mã của người khác khi chưa xong khách trước
cause-V-BORROWED = vừa có người khác đưa mã này
cause-V-ROSTER = không có trong danh sách trường
cause-V-GUARDIAN = người đón chưa đăng ký
cause-P-NOKEY = giấy không gắn điện thoại
cause-P-FORGED = câu trả lời không đúng người
cause-P-PLACE = câu trả lời cho chốt khác
cause-P-OLD = câu trả lời đã cũ
cause-P-GIVEN = câu trả lời đã dùng
cause-R-NONE = chưa cài điều kiện
cause-R-VACCINE = vắc-xin ngoài quy định
cause-R-DOSES = chưa đủ mũi
cause-R-RECENT = chưa đủ ngày sau mũi cuối
cause-R-OLD = mũi cuối đã quá hạn
cause-R-DATE = ngày trên giấy không rõ
cause-R-DECLOLD = tờ khai quá hạn
cause-R-SYMPTOMS = khai có triệu chứng
cause-R-CONTACT = khai có tiếp xúc ca bệnh
cause-R-PLACES = khai đã đến vùng dịch
cause-R-TESTOLD = xét nghiệm quá hạn
cause-R-POSITIVE = xét nghiệm dương tính
cause-R-TEST = xét nghiệm ngoài quy định
cause-R-RECOVERED = khỏi bệnh đã quá lâu
cause-R-YELLOW = thẻ vàng
cause-R-ROUTE = giấy đi đường không ghi tỉnh này
cause-R-PROVINCE = điều kiện của tỉnh khác
cause-R-FAULT = không tính được điều kiện
cause-K-CLOCK = giờ của máy chưa chắc
cause-K-JOURNAL = không lưu được lượt qua
cause-G-OVERRIDE = cán bộ cho qua
cause-G-PAPER-TYPED = giấy nhập bằng tay
cause-G-APP-CHECKED = ứng dụng xem bằng mắt
cause-G-NOT-THIS-PERSON = không phải người trong mã

span-today = Hôm nay
span-yesterday = Hôm qua
span-week = 7 ngày
figures-reasons = Vì sao chưa qua
figures-no-reasons = Chưa ai bị dừng lại.
figures-more = và { $n } lý do khác
figures-scans = Thời gian quét
figures-no-scans = Chưa đo lượt nào.
scan-median = Một nửa dưới { $time }
scan-p95 = 95 % dưới { $time }
scan-up-to = đến { $time }
scan-beyond = hơn { $time }
seconds = { $n } giây
decimal-mark = ,

## Lời nói với khách, khi màn hình quay về phía khách: tên của mục kèm "-visitor"

waiting-title-visitor = Mời đưa mã vào khung
waiting-hint-visitor = Mã trên giấy, thẻ hay điện thoại; cách một gang tay
step-answer-visitor = Mời quét mã trên màn hình này bằng ứng dụng, rồi đưa mã trả lời
advice-let-pass-visitor = Mời qua.
advice-scan-again-visitor = Mời đưa lại mã: giữ yên, gần hơn, đủ sáng.
advice-ask-for-another-visitor = Mời đưa mã khác hoặc mã mới hơn.
advice-show-missing-visitor = Mời đưa tiếp giấy còn thiếu.
advice-answer-again-visitor = Mời quét lại mã trên màn hình này rồi đưa mã trả lời mới.
advice-declare-again-visitor = Mời khai lại tờ khai y tế rồi đưa mã mới.
advice-come-back-later-visitor = Chưa đủ thời gian. Mời gặp cán bộ để biết ngày trở lại.
advice-send-to-health-post-visitor = Mời sang bàn y tế.
advice-check-identity-visitor = Mời gặp cán bộ, mang theo căn cước và giấy tờ.
advice-compare-card-visitor = Mời gặp cán bộ, mang theo thẻ vừa quét.
advice-ask-purpose-visitor = Mời gặp cán bộ và cho biết mục đích đi lại.
advice-call-supervisor-visitor = Mời chờ tại đây, cán bộ sẽ đến.
advice-update-list-visitor = Máy chưa kiểm tra được mã này. Mời gặp cán bộ.
advice-check-clock-visitor = Máy chưa kiểm tra được mã này. Mời gặp cán bộ.
advice-check-kiosk-visitor = Máy đang có lỗi. Mời gặp cán bộ.
advice-write-visitor-visitor = Mời gặp bảo vệ để ghi tên.
advice-ring-guardian-visitor = Mời chờ tại đây, trường sẽ gọi người đón.
step-guardian-visitor = Mời người đón đưa mã
fault-visitor = Mời gặp cán bộ trực.
due-title = Bảng kiểm hôm nay chưa làm
due-hint = Bấm để mở

## Cổng trường

who-class = Lớp { $class }
who-picked-up = Người đón: { $by }
who-not-registered = Người đến đón chưa đăng ký
guardians = Người đón đã đăng ký: { $names }.
guardians-none = Chưa ai đăng ký đón em này.
inside-title = Còn trong trường
inside-note = Bấm một lớp để xem tên; tên tự ẩn
inside-listed = Còn { $n } trong trường
inside-others = { $n } khách
inside-late = Hết giờ: còn { $n } em trong trường
inside-since = Tính từ { $time }; tắt máy là tính lại.
inside-all = Tất cả các lớp
inside-no-class = Không ghi lớp
roster-none = Chưa có danh sách: cắm USB có tệp roster.csv
roster-people = Danh sách: { $n } người
roster-lines = { $n } dòng hỏng
roster-damaged = Dòng hỏng trong danh sách: { $lines }.
roster-fault-too-large = Tệp danh sách quá lớn (trên 8 MiB)
roster-fault-too-many = Danh sách quá dài (trên 20.000 dòng)
roster-fault-not-text = Tệp danh sách không phải CSV UTF-8
roster-fault-no-heading = Dòng đầu của danh sách thiếu tên cột
roster-fault-nobody = Danh sách không có ai

## Mã luyện tập

practice-title = Mã luyện tập
practice-note = Mã của bản trình diễn, giờ của bản trình diễn: không ghi gì
practice-code = Mã QR luyện tập
practice-number = Mã { $n }
practice-hint = Cho máy khác hoặc điện thoại quét mã này, hoặc thử ngay trên máy này.
practice-try = Thử mã này
practice-admitted-by-one-code = Đủ hai mũi và tờ khai, một mã
practice-admitted-by-certificate-then-declaration = Chứng nhận tiêm rồi tờ khai, hai mã
practice-a-web-address-only = Mã của cửa hàng: chỉ là đường dẫn
practice-one-dose-only = Mới tiêm một mũi
practice-second-dose-12-days-ago = Mũi hai mới 12 ngày
practice-declared-80-hours-ago = Tờ khai đã 80 giờ
practice-declares-symptoms = Khai sốt và ho
practice-expired = Mã hết hạn
practice-forged = Mã bị sửa: chữ ký không khớp
practice-unknown-key = Nơi cấp lạ, không có trong danh sách
practice-two-people = Hai mã của hai người
practice-key-not-for-declarations = Bệnh viện ký tờ khai: không có quyền
practice-leaves-without-a-declaration = Thiếu tờ khai: bỏ dở
