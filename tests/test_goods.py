"""The table of dangerous goods: every row whole, and what officers on the spot are told."""

import pytest

from hazmat.documents import HAZARD_CLASSES
from hazmat.geofences import TunnelCategory
from hazmat.goods import FREE_RANK, find_goods, goods_table, tunnel_code, tunnel_rank, un_key
from ingest.simulator.goods import GOODS


def test_every_row_is_whole_and_no_number_stands_twice() -> None:
    table = goods_table()
    assert len(table.goods) == len(table.index) == 253
    for each in table.goods:
        assert each.un_no == un_key(each.un_no)
        assert each.hazard_class in HAZARD_CLASSES
        assert set(each.subsidiary) <= set(HAZARD_CLASSES)
        assert each.name_zh and each.name_en
        assert each.isolation_m and each.fire_isolation_m, each.un_no
        assert each.density_t_m3 is None or 0.3 < each.density_t_m3 < 2.5
    assert sum(each.protect_day_km is not None for each in table.goods) == 32


def test_the_road_tanker_of_chlorine() -> None:
    chlorine = find_goods("un1017")
    assert chlorine is not None
    assert (chlorine.name_zh, chlorine.hazard_class, chlorine.erg_guide) == ("氯", "2.3", "124")
    assert (chlorine.isolation_m, chlorine.fire_isolation_m) == (600.0, 800.0)
    assert chlorine.protect_day_km == (5.6, 3.3, 2.5)
    assert chlorine.protect_night_km == (6.4, 4.7, 3.8)
    assert chlorine.acutely_toxic and chlorine.specially_controlled


def test_goods_whose_distances_know_no_wind_have_one_for_all() -> None:
    cyanide = find_goods("UN1051")
    assert cyanide is not None
    assert (cyanide.isolation_m, cyanide.protect_night_km) == (200.0, (1.8, 1.8, 1.8))


def test_petrol_is_dangerous_by_fire_and_not_downwind() -> None:
    petrol = find_goods("1203")
    assert petrol is not None
    assert (petrol.isolation_m, petrol.downwind_m, petrol.fire_isolation_m) == (50.0, 300.0, 800.0)
    assert petrol.protect_day_km is None
    assert not petrol.acutely_toxic


def test_an_unknown_number_is_none() -> None:
    assert find_goods("UN9999") is None
    assert goods_table().row("") == -1


@pytest.mark.parametrize(
    ("un_no", "code"),
    [
        ("UN1203", "D/E"), ("UN1075", "B/D"), ("UN1017", "C/D"), ("UN1040", "B/D"), ("UN1005", "C/D"),
        ("UN1093", "C/E"), ("UN1098", "C/D"), ("UN1830", "E"), ("UN1824", "E"), ("UN2789", "D/E"),
        ("UN2015", "B/E"), ("UN3394", "B/E"), ("UN3082", "-"), ("UN1052", "C/D"), ("UN1829", "E"),
    ],
)  # fmt: skip
def test_tunnel_codes(un_no: str, code: str) -> None:
    goods = find_goods(un_no)
    assert goods is not None
    assert goods.tunnel_code == code


def test_of_several_packing_groups_the_mildest_counts() -> None:
    assert tunnel_code("6.1", "I/II/III") == tunnel_code("6.1", "III") == tunnel_code("6.1") == "E"
    assert tunnel_code("6.1", "I/II") == "D/E"
    assert all(tunnel_code(each) for each in HAZARD_CLASSES)


def test_a_tunnel_bars_goods_that_rank_no_higher() -> None:
    barred = {
        category.value: {code for code in ("B/D", "C/D", "D/E", "E", "-") if tunnel_rank(code) <= rank}
        for category in TunnelCategory
        for rank in [tunnel_rank(category)]
    }
    assert barred["A"] == set()
    assert barred["B"] == {"B/D"}
    assert barred["C"] == {"B/D", "C/D"}
    assert barred["D"] == {"B/D", "C/D", "D/E"}
    assert barred["E"] == {"B/D", "C/D", "D/E", "E"}
    assert max(tunnel_rank(category) for category in TunnelCategory) < FREE_RANK


def test_the_simulated_goods_stand_in_the_table_with_their_class() -> None:
    for un_no, _, hazard_class in GOODS:
        goods = find_goods(un_no)
        assert goods is not None
        assert goods.hazard_class == hazard_class
