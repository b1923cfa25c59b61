using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Tests.Crypto;

public sealed class Secp256k1Tests
{
    private const string Key = "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74";
    private const string X = "12faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74";
    private const string Y = "512ee8cd9b34331afd05ccb8d81d1393c150c73ec5695845b731f7e6e0086719";
    private const string R = "6e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c77";
    private const string S = "fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b3";

    private static readonly byte[] _message = "secp256k1"u8.ToArray();

    // the corners of SEC 1 section 4.1.4, made with the textbook formulas over Python's integers
    [Theory]
    [InlineData(
        "x of R is over n",
        "03c90d664164fbf1b546f4d01bca2c65225359ccfab20ca0819e88eb081d25eeda",
        "301502010202101234567890abcdef1234567890abcdef",
        true)]
    [InlineData(
        "r is x of R, over n",
        "03c90d664164fbf1b546f4d01bca2c65225359ccfab20ca0819e88eb081d25eeda",
        "3035022100fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd036414302101234567890abcdef1234567890abcdef",
        false)]
    [InlineData(
        "R is the point at infinity",
        "031fda7bb54dd47a68768a1ffab50da77fdf93e105282a519ab89368dbfd4d8122",
        "302602202f8bde4d1a07209355b4a7250a5c5128e88b84bddc619ab7cba8d569b240efe402020309",
        false)]
    [InlineData(
        "key 1, nonce 1",
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "3045022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798022100b1f98dd21b30af004fed291ef2267e6ce28521c6fd35a9581083e462bbda87b6",
        true)]
    [InlineData(
        "key 1, nonce 2",
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "3046022100c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5022100ff1fd373b1a0b8609549037bdcaff81e7b87c80f05cfaeb11107e5a6e8c4a822",
        true)]
    [InlineData(
        "key 1, nonce 3",
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "3045022100f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9022065ce9071913992216bd5b2050969972fdc5e4f1070f25e0fbedbc6b3cb40e25d",
        true)]
    [InlineData(
        "key 1, nonce n-1",
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "3044022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8179802204e06722de4cf50ffb012d6e10dd98191d829bb1fb212f6e3af4e7a2a145bb98b",
        true)]
    [InlineData(
        "key 2, nonce 1",
        "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
        "3044022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8179802202bb7f451150d6aaca58d8bb4c0ad89752a7241bb7bbb31f5aaa40731029c5e0d",
        true)]
    [InlineData(
        "key 2, nonce 2",
        "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
        "3046022100c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5022100e222133dd29777172d6ba3b32790368b4c6c20c174a2fce706f4bb3d2ee1d6f4",
        true)]
    [InlineData(
        "key 2, nonce 3",
        "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
        "3045022100f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f902200e3413c76cac7dd1843c7731b19e07e946fa53e327e7267816502d5c7f6773da",
        true)]
    [InlineData(
        "key 2, nonce n-1",
        "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
        "3045022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798022100d4480baeeaf295535a72744b3f527689903c9b2b338d6e46152e575bcd99e334",
        true)]
    [InlineData(
        "key 3, nonce 1",
        "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
        "3045022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798022100a5765ad00eea2658fb2dee4a8f34947c2d0e3e96a9895acf0496888c199475a5",
        true)]
    [InlineData(
        "key 3, nonce 2",
        "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
        "3046022100c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5022100c5245307f38e35cdc58e43ea727074f81d507973e3764b1cfce190d374ff05c6",
        true)]
    [InlineData(
        "key 3, nonce 3",
        "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
        "3046022100f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9022100b699971d481f69819ca33c5e59d278a16c45359c8e248f1c2d96f29203c44698",
        true)]
    [InlineData(
        "key 3, nonce n-1",
        "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
        "3044022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8179802205a89a52ff115d9a704d211b570cb6b828da09e5005bf456cbb3bd600b6a1cb9c",
        true)]
    [InlineData(
        "key n-1, nonce 1",
        "0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "3045022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798022100be7cc0d4277737a7a4ac63f35518685d97fc04f750e1f7e11c7140395e2099c7",
        true)]
    [InlineData(
        "key n-1, nonce 2",
        "0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "3045022100c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee50220391b53df6fb33af36503c30d46ef7b461f1039c378e07209655bdbed8c54093d",
        true)]
    [InlineData(
        "key n-1, nonce 3",
        "0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "3045022100f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f90220150389c5da53bac13b0827abb900b5be4c77688453c02d0350209ad592bd7e22",
        true)]
    [InlineData(
        "key n-1, nonce n-1",
        "0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "3044022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798022041833f2bd888c8585b539c0caae797a122b2d7ef5e66a85aa3611e537215a77a",
        true)]
    [InlineData(
        "key n-2, nonce 1",
        "03c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
        "3044022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798022044be5a552d9a7bfb4f0c015d86915d569560081c2313cf07c27ebede4728822f",
        true)]
    [InlineData(
        "key n-2, nonce 2",
        "03c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
        "3045022100c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee50220561914154ebc7c3ccce122d5fc0f3cd94e2be1110a0d23d36f6f06574636da6b",
        true)]
    [InlineData(
        "key n-2, nonce 3",
        "03c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
        "3045022100f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f902206c9e066ffee0cf1122a1627f10cc4504e1db63b19ccb649af8ac342cde96eca5",
        true)]
    [InlineData(
        "key n-2, nonce n-1",
        "03c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
        "3045022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798022100bb41a5aad2658404b0f3fea2796ea2a8254ed4ca8c34d133fd539fae890dbf12",
        true)]
    [InlineData(
        "key half, nonce 1",
        "0200000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63",
        "3044022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f817980220751a5a929e42512a251cf7d40ae2f8e961372359664e94eb638aa3b5305e7bea",
        true)]
    [InlineData(
        "key half, nonce 2",
        "0200000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63",
        "3045022100c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee502200d9eb38ea12559054937b360373fd8e95866becf1f1d675a563f1c4ef57fcf78",
        true)]
    [InlineData(
        "key half, nonce 3",
        "0200000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63",
        "3045022100f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f90220119bcec6a3801c495fa24f6eb54f5ed3c9b8de33bdd3a9bdb3386419091278fe",
        true)]
    [InlineData(
        "key half, nonce n-1",
        "0200000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63",
        "3045022079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f817980221008ae5a56d61bdaed5dae3082bf51d07155977b98d48fa0b505c47bad79fd7c557",
        true)]
    [InlineData(
        "low or high s",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "304502206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c77022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b3",
        true)]
    [InlineData(
        "the other s",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "304402206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c770220058caaaa6e6a83efbc056f4d552a89bb591411b9554a6a1b71cfc669415d2e8e",
        true)]
    [InlineData(
        "r + 1",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "304502206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c78022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b3",
        false)]
    [InlineData(
        "s + 1",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "304502206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c77022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b4",
        false)]
    [InlineData(
        "r and s exchanged",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "3045022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b302206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c77",
        false)]
    [InlineData(
        "r = 0",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "3026020100022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b3",
        false)]
    [InlineData(
        "s = 0",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "302502206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c77020100",
        false)]
    [InlineData(
        "r = n",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "3046022100fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b3",
        false)]
    [InlineData(
        "s = n",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "304502206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c77022100fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        false)]
    [InlineData(
        "s over n",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "304502206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c77022100fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
        false)]
    [InlineData(
        "both 0",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "3006020100020100",
        false)]
    [InlineData(
        "s = 1",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "302502206e30fff54c6caff885ec216f720ad5024e3e66b0bfb949da25da43f53f0b0c77020101",
        false)]
    [InlineData(
        "r = 1",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "3026020101022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b3",
        false)]
    [InlineData(
        "r = p",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "3046022100fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b3",
        false)]
    [InlineData(
        "2^256-1",
        "0312faae608bd6562562b8f85564664cd1fdcd667f6b24b2b221ef86b9231f4d74",
        "3046022100ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff022100fa73555591957c1043fa90b2aad57643619acb2d59fe36204e0298238ed912b3",
        false)]
    public void Corner_cases_end_as_the_standard_has_it(string name, string key, string signature, bool valid) =>
        Assert.True(valid == Decode(key).Verify(_message, Convert.FromHexString(signature)), name);

    [Theory]
    [InlineData("3045" + "0220" + R + "022100" + S, true)]
    [InlineData("3046" + "022100" + R + "022100" + S, false)] // r with a zero too many
    [InlineData("3044" + "0220" + R + "0220" + S, false)] // s negative
    [InlineData("3046" + "0220" + R + "02220000" + S, false)] // s with two zeros
    [InlineData("308145" + "0220" + R + "022100" + S, false)] // the length in the long form
    [InlineData("3080" + "0220" + R + "022100" + S + "0000", false)] // an indefinite length
    [InlineData("3046" + "028120" + R + "022100" + S, false)] // the long form inside
    [InlineData("3047" + "0220" + R + "022100" + S + "0500", false)] // something after s, inside
    [InlineData("3045" + "0220" + R + "022100" + S + "00", false)] // outside
    [InlineData("3044" + "0220" + R + "022100" + S, false)] // the outer length too short
    [InlineData("3046" + "0220" + R + "022100" + S, false)] // too long
    [InlineData("3145" + "0220" + R + "022100" + S, false)] // a set
    [InlineData("3045" + "0320" + R + "022100" + S, false)] // a bit string
    [InlineData("3022" + "0220" + R, false)] // r alone
    [InlineData("3024" + "0220" + R + "0200", false)] // s of no bytes
    [InlineData("3025" + "0220" + R + "020100", false)]
    [InlineData("3000", false)]
    [InlineData("30", false)]
    [InlineData("", false)]
    [InlineData(R + S, false)] // not DER at all
    public void Only_strict_DER_is_a_signature(string signature, bool valid) =>
        Assert.Equal(valid, Decode(Key).Verify(_message, Convert.FromHexString(signature)));

    [Fact]
    public void A_signature_cut_short_anywhere_is_invalid()
    {
        byte[] signature = Convert.FromHexString("3045" + "0220" + R + "022100" + S);
        PublicKey key = Decode(Key);
        for (int length = 0; length < signature.Length; length++)
        {
            Assert.False(key.Verify(_message, signature.AsSpan(0, length)), $"cut to {length}");
        }

        Assert.False(key.Verify("secp256r1"u8, signature));
    }

    [Fact]
    public void The_uncompressed_form_becomes_the_compressed_one()
    {
        PublicKey key = Decode("04" + X + Y);
        Assert.True(key.Verify(_message, Convert.FromHexString("3045" + "0220" + R + "022100" + S)));
        Assert.Equal(Decode(Key), key);
        Assert.Equal(Decode(Key).PeerId, key.PeerId);
        Assert.Equal("08021221" + Key, Convert.ToHexStringLower(key.Encode()));
        Assert.NotEqual(Decode("02" + X), key);
    }

    [Theory]
    [InlineData("04" + X + X)] // off the curve
    [InlineData("06" + X + Y)] // hybrid
    [InlineData("07" + X + Y)]
    [InlineData("03" + X + Y)]
    [InlineData("04" + X)]
    [InlineData("00")]
    [InlineData("04" + "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30" + "4218f20ae6c646b363db68605822fb14264ca8d2587fdd6fbc750d587e76a7ee")] // x = 1 + p
    [InlineData("02" + "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f")] // x = p
    public void Other_forms_of_points_are_refused(string key) =>
        Assert.Equal("InvalidKey", Assert.Throws<Libp2pException>(() => Decode(key)).ErrorId);

    private static PublicKey Decode(string key) => PublicKey.Decode(KeyEncoding.Encode(KeyType.Secp256k1, Convert.FromHexString(key)));
}
