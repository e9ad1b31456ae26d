// Package dayfile reads and writes a day as files that people and other programs work with: requests and vehicles as CSV,
// the finished plan as CSV and JSON, and the sheets of a day to print (Sheets): one of each driver, of each facility, and of the
// office. A sheet is one HTML file for A4 paper that needs no network: large type, readings over names, needs in plain words,
// nothing that only a colour tells, no row on two pages, and day, revision and page number on every page.
//
// CSV is UTF-8, with or without a byte order mark, with a header line; columns are found by name in any order. Times of day
// are H:MM or H:MM:SS and may pass 24:00, up to 30:00. Every fault names file, line and column.
//
// # requests.csv
//
//	request                    id, unique                                   needed
//	pickup_lat, pickup_lng     degrees WGS84                                needed
//	dropoff_lat, dropoff_lng   degrees WGS84                                needed
//	earliest, latest           pickup window                                needed, unless arrive_by is given
//	arrive_by                  latest arrival; with no window, pickups follow from it
//	seats, wheelchairs, stretchers   places taken, the rider included; default one seat
//	needs                      aids of the vehicle, joined by '|': lift, ramp, oxygen, step, child_seat
//	max_ride_min               longest ride in minutes; default by rule from the direct time
//	board_s, alight_s          the party's own boarding and alighting times; default 60 and 45
//	booking                    requests of one booking carry the same value
//	pickup_label, dropoff_label   what the driver reads
//
// # vehicles.csv
//
//	vehicle                    id, unique                                   needed
//	layouts                    alternatives "seats:wheelchairs:stretchers" joined by '|', driver not counted   needed
//	start, end                 shift                                        needed
//	lat, lng                   where it starts and ends                     needed
//	equipment                  as needs
//	own_rounds                 "8:00-9:30|15:30-17:00": the owner's own rounds, never disturbed
//	stop_s, wheelchair_s       dwell added per stop and per wheelchair; default 20 and 120
//	driver                     id; default the vehicle's
//
// # riders.csv and places.csv
//
// The register of riders and the gazetteer, as a council keeps them in a spreadsheet: UTF-8 or Shift_JIS, every column under
// its Japanese or its English name, numbers and codes in any width, dates by the Western or the Japanese calendar. Lines with
// faults are left out and reported with what to write instead; the others are taken. What is written is read back as the same.
// A cell that begins like a formula is written with an apostrophe before it. A list in a cell joins its entries by '|' and the
// parts of an entry by ';'; a backslash makes either a letter.
//
//	利用者番号 rider*, 氏名 name*, ふりがな kana, 生年月日 born, 電話番号 phones, 緯度 lat, 経度 lng, 住所 address,
//	自宅の呼び名 home_label, 停車位置の緯度 road_lat, 停車位置の経度 road_lng, 玄関までの注意 home_notes,
//	よく行く場所 places (label;address;lat;lng;road lat;road lng;notes), 区分 standing (住民, 来訪者),
//	利用施設 user_of (facility;介護 or 障害;from;to), 対象区分 categories (category;evidence;valid to),
//	名簿 listed (mode;valid to;purposes joined by ','), 介助が必要 needs_help, 世帯に車あり own_car,
//	同意 consents (kind;given;withdrawn;by;document), 座席 seats, 車いす wheelchairs, ストレッチャー stretchers,
//	車両の設備 equipment, 付添人数 attendants, 付添必須 escorted, 配慮 care (codes of TDS), 運転者への注意 driver_note,
//	乗車秒 board_s, 降車秒 alight_s, 同乗不可 apart, 担当できない運転者 not_drivers, 担当する運転者 only_drivers,
//	連絡先 contacts (name;relation;phone;はい to be told of rides)
//
//	番号 place*, 名称 name*, ふりがな kana, 種別 kind (町, 丁目・番地, 施設, 店, 目印), 住所 address, 緯度 lat*, 経度 lng*,
//	停車位置の緯度 road_lat, 停車位置の経度 road_lng, 玄関までの注意 notes, 利用回数 rides
package dayfile
