"""The beacon's signature of docs/draw-spec.md §2: BLS over BLS12-381 in plain integers, written from the page
and RFC 9380 by somebody who had not read scheduler/draw.

A number of Fp2 is a pair (a, b) for a + b·i, i² = -1. A number of Fp12 is the list of its 12 coefficients
in w, w⁶ = 1 + i. A point is a pair of coordinates, the point at infinity None. Slow, for public data only.
"""

import hashlib
from functools import reduce

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
ATE = 0xD201000000010000  # the absolute value of the curve's parameter
DST = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
G2_GENERATOR = (
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049"
    "334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051"
    "c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
)

Fp2 = tuple[int, int]
Point = tuple[int, int] | None
Point2 = tuple[Fp2, Fp2] | None


def coefficients(text: str) -> tuple[int, ...]:
    """Numbers written in hexadecimal digits, the constant term first."""
    return tuple(int(word, 16) for word in text.split())


# RFC 9380, appendix E.2: the curve that is 11-isogenous to G1's, and the map from it; §8.8.1: Z = 11.
ISO_A = 0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D
ISO_B = 0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0
X_NUMERATOR = coefficients(
    """
    11a05f2b1e833340b809101dd99815856b303e88a2d7005ff2627b56cdb4e2c85610c2d5f2e62d6eaeac1662734649b7
    17294ed3e943ab2f0588bab22147a81c7c17e75b2f6a8417f565e33c70d1e86b4838f2a6f318c356e834eef1b3cb83bb
    0d54005db97678ec1d1048c5d10a9a1bce032473295983e56878e501ec68e25c958c3e3d2a09729fe0179f9dac9edcb0
    1778e7166fcc6db74e0609d307e55412d7f5e4656a8dbf25f1b33289f1b330835336e25ce3107193c5b388641d9b6861
    0e99726a3199f4436642b4b3e4118e5499db995a1257fb3f086eeb65982fac18985a286f301e77c451154ce9ac8895d9
    1630c3250d7313ff01d1201bf7a74ab5db3cb17dd952799b9ed3ab9097e68f90a0870d2dcae73d19cd13c1c66f652983
    0d6ed6553fe44d296a3726c38ae652bfb11586264f0f8ce19008e218f9c86b2a8da25128c1052ecaddd7f225a139ed84
    17b81e7701abdbe2e8743884d1117e53356de5ab275b4db1a682c62ef0f2753339b7c8f8c8f475af9ccb5618e3f0c88e
    080d3cf1f9a78fc47b90b33563be990dc43b756ce79f5574a2c596c928c5d1de4fa295f296b74e956d71986a8497e317
    169b1f8e1bcfa7c42e0c37515d138f22dd2ecb803a0c5c99676314baf4bb1b7fa3190b2edc0327797f241067be390c9e
    10321da079ce07e272d8ec09d2565b0dfa7dccdde6787f96d50af36003b14866f69b771f8c285decca67df3f1605fb7b
    06e08c248e260e70bd1e962381edee3d31d79d7e22c837bc23c0bf1bc24c6b68c24b1b80b64d391fa9c8ba2e8ba2d229
    """
)
X_DENOMINATOR = coefficients(
    """
    08ca8d548cff19ae18b2e62f4bd3fa6f01d5ef4ba35b48ba9c9588617fc8ac62b558d681be343df8993cf9fa40d21b1c
    12561a5deb559c4348b4711298e536367041e8ca0cf0800c0126c2588c48bf5713daa8846cb026e9e5c8276ec82b3bff
    0b2962fe57a3225e8137e629bff2991f6f89416f5a718cd1fca64e00b11aceacd6a3d0967c94fedcfcc239ba5cb83e19
    03425581a58ae2fec83aafef7c40eb545b08243f16b1655154cca8abc28d6fd04976d5243eecf5c4130de8938dc62cd8
    13a8e162022914a80a6f1d5f43e7a07dffdfc759a12062bb8d6b44e833b306da9bd29ba81f35781d539d395b3532a21e
    0e7355f8e4e667b955390f7f0506c6e9395735e9ce9cad4d0a43bcef24b8982f7400d24bc4228f11c02df9a29f6304a5
    0772caacf16936190f3e0c63e0596721570f5799af53a1894e2e073062aede9cea73b3538f0de06cec2574496ee84a3a
    14a7ac2a9d64a8b230b3f5b074cf01996e7f63c21bca68a81996e1cdf9822c580fa5b9489d11e2d311f7d99bbdcc5a5e
    0a10ecf6ada54f825e920b3dafc7a3cce07f8d1d7161366b74100da67f39883503826692abba43704776ec3a79a1d641
    095fc13ab9e92ad4476d6e3eb3a56680f682b4ee96f7d03776df533978f31c1593174e4b4b7865002d6384d168ecdd0a
    000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001
    """
)
Y_NUMERATOR = coefficients(
    """
    090d97c81ba24ee0259d1f094980dcfa11ad138e48a869522b52af6c956543d3cd0c7aee9b3ba3c2be9845719707bb33
    134996a104ee5811d51036d776fb46831223e96c254f383d0f906343eb67ad34d6c56711962fa8bfe097e75a2e41c696
    00cc786baa966e66f4a384c86a3b49942552e2d658a31ce2c344be4b91400da7d26d521628b00523b8dfe240c72de1f6
    01f86376e8981c217898751ad8746757d42aa7b90eeb791c09e4a3ec03251cf9de405aba9ec61deca6355c77b0e5f4cb
    08cc03fdefe0ff135caf4fe2a21529c4195536fbe3ce50b879833fd221351adc2ee7f8dc099040a841b6daecf2e8fedb
    16603fca40634b6a2211e11db8f0a6a074a7d0d4afadb7bd76505c3d3ad5544e203f6326c95a807299b23ab13633a5f0
    04ab0b9bcfac1bbcb2c977d027796b3ce75bb8ca2be184cb5231413c4d634f3747a87ac2460f415ec961f8855fe9d6f2
    0987c8d5333ab86fde9926bd2ca6c674170a05bfe3bdd81ffd038da6c26c842642f64550fedfe935a15e4ca31870fb29
    09fc4018bd96684be88c9e221e4da1bb8f3abd16679dc26c1e8b6e6a1f20cabe69d65201c78607a360370e577bdba587
    0e1bba7a1186bdb5223abde7ada14a23c42a0ca7915af6fe06985e7ed1e4d43b9b3f7055dd4eba6f2bafaaebca731c30
    19713e47937cd1be0dfd0b8f1d43fb93cd2fcbcb6caf493fd1183e416389e61031bf3a5cce3fbafce813711ad011c132
    18b46a908f36f6deb918c143fed2edcc523559b8aaf0c2462e6bfe7f911f643249d9cdf41b44d606ce07c8a4d0074d8e
    0b182cac101b9399d155096004f53f447aa7b12a3426b08ec02710e807b4633f06c851c1919211f20d4c04f00b971ef8
    0245a394ad1eca9b72fc00ae7be315dc757b3b080d4c158013e6632d3c40659cc6cf90ad1c232a6442d9d3f5db980133
    05c129645e44cf1102a159f748c4a3fc5e673d81d7e86568d9ab0f5d396a7ce46ba1049b6579afb7866b1e715475224b
    15e6be4e990f03ce4ea50b3b42df2eb5cb181d8f84965a3957add4fa95af01b2b665027efec01c7704b456be69c8b604
    """
)
Y_DENOMINATOR = coefficients(
    """
    16112c4c3a9c98b252181140fad0eae9601a6de578980be6eec3232b5be72e7a07f3688ef60c206d01479253b03663c1
    1962d75c2381201e1a0cbd6c43c348b885c84ff731c4d59ca4a10356f453e01f78a4260763529e3532f6102c2e49a03d
    058df3306640da276faaae7d6e8eb15778c4855551ae7f310c35a5dd279cd2eca6757cd636f96f891e2538b53dbf67f2
    16b7d288798e5395f20d23bf89edb4d1d115c5dbddbcd30e123da489e726af41727364f2c28297ada8d26d98445f5416
    0be0e079545f43e4b00cc912f8228ddcc6d19c9f0f69bbb0542eda0fc9dec916a20b15dc0fd2ededda39142311a5001d
    08d9e5297186db2d9fb266eaac783182b70152c65550d881c5ecd87b6f0f5a6449f38db9dfa9cce202c6477faaf9b7ac
    166007c08a99db2fc3ba8734ace9824b5eecfdfa8d0cf8ef5dd365bc400a0051d5fa9c01a58b1fb93d1a1399126a775c
    16a3ef08be3ea7ea03bcddfabba6ff6ee5a4375efa1f4fd7feb34fd206357132b920f5b00801dee460ee415a15812ed9
    1866c8ed336c61231a1be54fd1d74cc4f9fb0ce4c6af5920abc5750c4bf39b4852cfe2f7bb9248836b233d9d55535d4a
    167a55cda70a6e1cea820597d94a84903216f763e13d87bb5308592e7ea7d4fbc7385ea3d529b35e346ef48bb8913f55
    04d2f259eea405bd48f010a01ad2911d9c6dd039bb61a6290e591b36e636a5c871a5c29f4f83060400f8b49cba8f6aa8
    0accbb67481d033ff5852c1e48c50c477f94ff8aefce42d28c0f9a88cea7913516f968986f7ebbea9684b529e2561092
    0ad6b9514c767fe3c3613144b45f1496543346d98adf02267d5ceef9a00d9b8693000763e3b90ac11e99b138573345cc
    02660400eb2e4f3b628bdd0d53cd76f2bf565b94e72927c1cb748df27942480e420517bd8714cc80d1fadc1326ed06f7
    0e0fa1d816ddc03e6b24255e0d7819c171c40f65e273b853324efcd6356caa205ca2f570f13497804415473a1d634b8f
    000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001
    """
)


def mul2(x: Fp2, y: Fp2) -> Fp2:
    """Product in Fp2."""
    return (x[0] * y[0] - x[1] * y[1]) % P, (x[0] * y[1] + x[1] * y[0]) % P


def sub2(x: Fp2, y: Fp2) -> Fp2:
    """Difference in Fp2."""
    return (x[0] - y[0]) % P, (x[1] - y[1]) % P


def inverse2(x: Fp2) -> Fp2:
    """Inverse in Fp2."""
    norm = pow(x[0] * x[0] + x[1] * x[1], -1, P)
    return x[0] * norm % P, -x[1] * norm % P


def root(x: int) -> int | None:
    """A square root in Fp, p being 3 modulo 4; None where there is none."""
    found = pow(x, (P + 1) // 4, P)
    return found if found * found % P == x % P else None


def root2(x: Fp2) -> Fp2 | None:
    """A square root in Fp2 of a number with b ≠ 0 (the others do not occur here)."""
    norm = root(x[0] * x[0] + x[1] * x[1])
    if norm is None or not x[1]:
        return None
    for sign in (norm, -norm):
        real = root((x[0] + sign) * pow(2, -1, P))
        if real:
            return real, x[1] * pow(2 * real, -1, P) % P
    return None


def double(point: Point) -> Point:
    """A point of G1 twice."""
    if point is None or not point[1]:
        return None
    return chord(point, point, 3 * point[0] * point[0] * pow(2 * point[1], -1, P))


def chord(one: tuple[int, int], other: tuple[int, int], slope: int) -> Point:
    """The sum of two points on a line with this slope."""
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def add(one: Point, other: Point) -> Point:
    """The sum of two points of G1."""
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0]:
        return double(one) if one[1] == other[1] else None
    return chord(one, other, (other[1] - one[1]) * pow(other[0] - one[0], -1, P))


def times(number: int, point: Point) -> Point:
    """A point of G1 added to itself."""
    total: Point = None
    for bit in f"{number:b}":
        total = double(total)
        total = add(total, point) if bit == "1" else total
    return total


def step2(one: Point2, other: Point2) -> tuple[Fp2, Point2]:
    """The slope through two points of G2, or at one of them, and their sum; never for opposite ones."""
    (x1, y1), (x2, y2) = one, other
    if one == other:
        square = mul2(x1, x1)
        slope = mul2((3 * square[0], 3 * square[1]), inverse2((2 * y1[0], 2 * y1[1])))
    else:
        slope = mul2(sub2(y2, y1), inverse2(sub2(x2, x1)))
    x = sub2(sub2(mul2(slope, slope), x1), x2)
    return slope, (x, sub2(mul2(slope, sub2(x1, x)), y1))


def is_in_g2(point: Point2) -> bool:
    """Whether r times the point is the point at infinity: (r - 1) times it is its opposite."""
    total = point
    for bit in f"{R - 1:b}"[1:]:
        total = step2(total, total)[1]
        total = step2(total, point)[1] if bit == "1" else total
    return total == (point[0], sub2((0, 0), point[1]))


def read_g1(data: bytes) -> Point:
    """A compressed point of G1 in 48 bytes; None for infinity, a wrong form, or outside the subgroup."""
    x, is_larger = int.from_bytes(data, "big") & ((1 << 381) - 1), bool(data[0] & 0x20)
    if len(data) != 48 or data[0] & 0xC0 != 0x80 or x >= P:
        return None
    y = root(x**3 + 4)
    if y is None:
        return None
    point = (x, y if (y > (P - 1) // 2) == is_larger else P - y)
    return point if times(R, point) is None else None


def read_g2(data: bytes) -> Point2:
    """A compressed point of G2 in 96 bytes; None for infinity, a wrong form, or outside the subgroup."""
    high, low = int.from_bytes(data[:48], "big") & ((1 << 381) - 1), int.from_bytes(data[48:], "big")
    if len(data) != 96 or data[0] & 0xC0 != 0x80 or max(high, low) >= P:
        return None
    x = (low, high)
    cube = mul2(mul2(x, x), x)
    y = root2((cube[0] + 4, cube[1] + 4))
    if y is None:
        return None
    is_larger = (y[1] or y[0]) > (P - 1) // 2
    point = (x, y if is_larger == bool(data[0] & 0x20) else sub2((0, 0), y))
    return point if is_in_g2(point) else None


def expand(message: bytes, size: int) -> bytes:
    """RFC 9380 §5.3.1: expand_message_xmd with SHA-256."""
    suffix = DST + bytes([len(DST)])
    first = hashlib.sha256(bytes(64) + message + size.to_bytes(2, "big") + b"\0" + suffix).digest()
    block, out = bytes(32), b""
    for number in range(1, -(-size // 32) + 1):
        mixed = bytes(a ^ b for a, b in zip(first, block, strict=True))
        block = hashlib.sha256(mixed + bytes([number]) + suffix).digest()
        out += block
    return out[:size]


def polynomial(factors: tuple[int, ...], x: int) -> int:
    """A polynomial's value, the constant term first."""
    return reduce(lambda total, factor: (total * x + factor) % P, reversed(factors), 0)


def swu(u: int) -> Point:
    """RFC 9380 §6.6.2 and §6.6.3: the simplified map to the isogenous curve, then the isogeny to G1's."""
    z = 11 * u * u % P
    denominator = (z * z + z) % P
    x = (
        ISO_B * pow(11 * ISO_A, -1, P)
        if not denominator
        else -ISO_B * pow(ISO_A, -1, P) * (1 + pow(denominator, -1, P))
    )
    y = root(x**3 + ISO_A * x + ISO_B)
    if y is None:
        x = z * x
        y = root(x**3 + ISO_A * x + ISO_B)
    y = y if y is not None and y % 2 == u % 2 else P - (y or 0)
    x %= P
    across = polynomial(X_NUMERATOR, x) * pow(polynomial(X_DENOMINATOR, x), -1, P) % P
    return across, y * polynomial(Y_NUMERATOR, x) * pow(polynomial(Y_DENOMINATOR, x), -1, P) % P


def hash_to_g1(message: bytes) -> Point:
    """RFC 9380 §3: hash_to_curve with the page's suite."""
    uniform = expand(message, 128)
    u, v = (int.from_bytes(uniform[i : i + 64], "big") % P for i in (0, 64))
    return times(ATE + 1, add(swu(u), swu(v)))


def mul12(x: list[int], y: list[int]) -> list[int]:
    """Product in Fp12, w¹² being 2w⁶ - 2."""
    wide = [0] * 23
    for i, a in enumerate(x):
        if a:
            for j, b in enumerate(y):
                wide[i + j] += a * b
    for k in range(22, 11, -1):
        wide[k - 6] += 2 * wide[k]
        wide[k - 12] -= 2 * wide[k]
    return [c % P for c in wide[:12]]


def line(slope: Fp2, at: Point2, point: Point) -> list[int]:
    """The line through a point of G2 at a point of G1, but for a factor that the last power makes 1."""
    constant, across = sub2(mul2(slope, at[0]), at[1]), mul2(slope, (-point[0], 0))
    found = [0] * 12
    found[3] = point[1]
    for place, (a, b) in ((0, constant), (2, across)):
        found[place] = (a - b) % P
        found[place + 6] = b
    return found


def miller(point: Point, twisted: Point2) -> list[int]:
    """Miller's loop of the ate pairing."""
    total, at = [1] + [0] * 11, twisted
    for bit in f"{ATE:b}"[1:]:
        slope, after = step2(at, at)
        total, at = mul12(mul12(total, total), line(slope, at, point)), after
        if bit == "1":
            slope, after = step2(at, twisted)
            total, at = mul12(total, line(slope, at, point)), after
    return total


def power12(x: list[int], exponent: int) -> list[int]:
    """A power in Fp12."""
    total = [1] + [0] * 11
    for bit in f"{exponent:b}":
        total = mul12(total, total)
        total = mul12(total, x) if bit == "1" else total
    return total


def holds(signature: str, public_key: str, round_number: int) -> bool:
    """§2: whether a round's signature holds under the key: e(signature, g₂) = e(hash, key)."""
    key, signed = read_g2(bytes.fromhex(public_key)), read_g1(bytes.fromhex(signature))
    if key is None or signed is None:
        return False
    message = hashlib.sha256(round_number.to_bytes(8, "big")).digest()
    opposite = (signed[0], -signed[1] % P)
    product = mul12(miller(opposite, read_g2(bytes.fromhex(G2_GENERATOR))), miller(hash_to_g1(message), key))
    return power12(product, (P**12 - 1) // R) == [1] + [0] * 11
