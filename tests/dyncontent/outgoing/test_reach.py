"""What outgoing requests may reach: every range that is closed, and every way to spell it."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from httpx import URL
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.outgoing.reach import Reach, RefusedError, closed

CLOSED = {
    "a loopback address": ("127.0.0.1", "127.255.255.254", "::1"),
    "a private address": (
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("fc00::1", "fd12:3456::1", "fec0::1"),
    ),
    "a carrier's shared address": ("100.64.0.1", "100.127.255.255"),
    "a link-local address": ("169.254.0.1", "169.254.255.255", "fe80::1", "fe80::1%eth0"),
    "an unspecified address": ("0.0.0.0", "0.1.2.3", "::"),
    "a multicast address": ("224.0.0.1", "239.255.255.250", "ff02::1"),
    "an address for documentation": (
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    ),
    "an address for benchmarks": ("198.18.0.1", "198.19.255.255", "2001:2::1"),
    "an IPv4 address inside of IPv6": (
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:10.0.0.1", "::127.0.0.1", "::8.8.8.8"),
        *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "64:ff9b:1:ffff::1"),
        *("2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
        *("2a00:1450::5efe:7f00:1", "2a00:1450::200:5efe:10.0.0.1"),
    ),
    "cloud metadata": (
        *("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16"),
        *("192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
    ),
    "a reserved address": (
        *("192.0.0.1", "192.88.99.1", "240.0.0.1", "255.255.255.255"),
        *("100::1", "2001:10::1", "2001:20::1", "5f00::1", "4000::1", "fe00::1", "1::1"),
    ),
}
PUBLIC = (
    *("8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "223.255.255.1"),
    *("2a00:1450:400f::200e", "2606:4700::1111", "2001:4860:4860::8888", "2001:200::1"),
)


@pytest.mark.parametrize(
    ("address", "what"), [(one, what) for what, many in CLOSED.items() for one in many]
)
def test_each_range_is_closed(address: str, what: str) -> None:
    assert closed(ip_address(address)) == what
    with pytest.raises(RefusedError, match=what):
        Reach().check("shop.example", 443, address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_network_is_open(address: str) -> None:
    assert closed(ip_address(address)) == ""
    Reach().check("shop.example", 443, address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_what_is_not_global_is_closed(address: IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert closed(address)


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_what_is_not_global_in_ipv6_is_closed(address: IPv6Address) -> None:
    if not address.is_global or address.is_multicast or address.ipv4_mapped or address.sixtofour:
        assert closed(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_no_ipv4_address_gets_in_inside_of_ipv6(address: IPv4Address) -> None:
    for beginning in ("::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::", "2a00::5efe:"):
        assert closed(ip_address(f"{beginning}{address}"))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://shop.example/", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("gopher://shop.example/", "begins with https://"),
        ("//shop.example/", "begins with https://"),
        ("shop.example", "begins with https://"),
        ("https://", "begins with https://"),
        ("", "begins with https://"),
        ("https://user@shop.example/", "no name and password"),
        ("https://user:secret@shop.example/", "no name and password"),
        ("https://shop.example@127.0.0.1/", "no name and password"),
        ("https://shop.example\\@127.0.0.1/", "no blanks and no backslashes"),
        ("https://shop.example/\r\nHost: a", "no blanks and no backslashes"),
        ("https://shop.example/a b", "no blanks and no backslashes"),
        ("https://[::1", "no web address"),
        ("https://shop.example:port/", "no web address"),
        ("https://shop.example:99999/", "port 99999"),
        ("https://" + "a" * 2000, "at most 2000"),
        ("http://shop.example/", "by http://"),
        ("https://shop.example:22/", "port 22 of shop.example is not open"),
        ("https://shop.example:6379/", "port 6379"),
        ("https://shop.example:0/", "port 0"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(url: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        Reach().read(url)


@pytest.mark.parametrize(
    "url", ["https://shop.example/feed?a=1", "https://shop.example:443/", "https://8.8.8.8/"]
)
def test_an_address_that_may_be_asked_is_read(url: str) -> None:
    assert Reach().read(url).host in ("shop.example", "8.8.8.8")


@given(st.text() | st.text("htps:/@[]%?#.\\x0Aé0123", max_size=30).map("https://".__add__))
def test_whatever_is_no_address_is_refused_in_words(text: str) -> None:
    for base in (None, URL("https://shop.example/a")):
        with suppress(RefusedError):
            read = Reach().read(text, base)
            assert (read.scheme, read.port, bool(read.raw_host)) == ("https", None, True)


def test_a_place_of_letters_beyond_ascii_is_named_as_it_is_asked() -> None:
    reach = Reach.of(["xn--bcher-kva.example:8080"])
    assert reach.read("https://bücher.example:8080/").port == 8080
    reach.check("xn--bcher-kva.example", 8080, "10.0.0.1")


def test_http_is_asked_where_a_setting_says_so() -> None:
    assert Reach(http=True).read("http://shop.example/").scheme == "http"
    assert Reach.of(["Intranet:8080"]).read("http://intranet:8080/").port == 8080
    with pytest.raises(RefusedError, match="by http://"):
        Reach.of(["intranet:8080"]).read("http://intranet/")


def test_a_place_that_is_allowed_may_be_on_the_own_network_at_that_port_alone() -> None:
    reach = Reach.of(["intranet.example:8080"])
    for address in ("10.0.0.1", "127.0.0.1", "::1", "fd00::1", "100.64.0.1"):
        reach.check("intranet.example", 8080, address)
        with pytest.raises(RefusedError):
            reach.check("intranet.example", 443, address)
        with pytest.raises(RefusedError):
            reach.check("shop.example", 8080, address)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"])
def test_a_name_that_is_allowed_never_leads_to_metadata(address: str) -> None:
    with pytest.raises(RefusedError):
        Reach.of(["intranet.example:80"]).check("intranet.example", 80, address)


def test_an_address_and_a_network_that_are_allowed_are_reached() -> None:
    Reach.of(["169.254.1.1:80"]).check("169.254.1.1", 80, "169.254.1.1")
    Reach.of(["[fe80::1]:80"]).check("fe80::1", 80, "fe80::1")
    reach = Reach.of(["10.1.0.0/16", "fd00::/8", "192.168.1.1"])
    for address in ("10.1.2.3", "fd00::1", "192.168.1.1"):
        reach.check("any.example", 443, address)
    for address in ("10.2.0.1", "192.168.1.2", "::ffff:10.1.2.3"):
        with pytest.raises(RefusedError):
            reach.check("any.example", 443, address)


@pytest.mark.parametrize("text", ["intranet", "10.0.0.1/8", "a:b", "a:0", "a:70000", "", "*:80"])
def test_what_allows_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither host:port"):
        Reach.of([text])


@pytest.mark.parametrize(
    ("host", "place"), [("10.0.0.7", "10.0.0.7:443"), ("fd00::7", "[fd00::7]:443")]
)
def test_what_would_open_a_place_on_the_own_network_is_told(host: str, place: str) -> None:
    with pytest.raises(RefusedError) as refused:
        Reach().check(host, 443, host)
    assert f"DYNCONTENT_OUTGOING_ALLOW={place};" in str(refused.value)
    Reach.of([place]).check(host, 443, host)
    with pytest.raises(RefusedError) as refused:
        Reach().check("169.254.169.254", 80, "169.254.169.254")
    assert "ALLOW=" not in str(refused.value)
