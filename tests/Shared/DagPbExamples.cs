namespace Bitswap.Tests.Shared;

/// <summary>Small dag-pb blocks with the CIDs that IPLD publishes for them (codec-fixtures): each form that a node can have.</summary>
internal static class DagPbExamples
{
    public static TheoryData<string, string> All => new()
    {
        { "", "bafybeihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku" },
        { "0a00", "bafybeiaqfni3s5s2k2r6rgpxz4hohdsskh44ka5tk6ztbjerqpvxwfkwaq" },
        { "0a03010203", "bafybeia2qk4u55f2qj7zimmtpulejgz7urp7rzs44cvledcaj42gltkk3u" },
        { "0a050001020304", "bafybeibazl2z4vqp2tmwcfag6wirmtpnomxknqcgrauj7m2yisrz3qjbom" },
        { "120b0a09015500050001020304", "bafybeia53f5n75ituvc3yupuf7tdnxf6fqetrmo2alc6g6iljkmk7ys5mm" },
        { "120d0a090155000500010203041800", "bafybeichjs5otecmbvwh5azdr4jc45mp2qcofh2fr54wjdxhz4znahod2i" },
        { "120d0a090155000500010203041200", "bafybeie7fstnkm4yshfwnmpp7d3mlh4f4okmk7a54d6c3ffr755q7qzk44" },
        { "12140a0901550005000102030418ffffffffffffff0f", "bafybeiezymjvhwfuharanxmzxwuomzjjuzqjewjolr4phaiyp6l7qfwo64" },
        { "12160a090155000500010203041209736f6d65206e616d65", "bafybeifq4hcxma3kjljrpxtunnljtc6tvbkgsy3vldyfpfbx2lij76niyu" },
        { "120e0a09015500050001020304120161120e0a09015500050001020304120161", "bafybeieube7zxmzoc5bgttub2aqofi6xdzimv5munkjseeqccn36a6v6j4" },
        { "12240a2212207521fe19c374a97759226dc5c0c8e674e73950e81b211f7dd3b6b30883a08a51", "bafybeihyivpglm6o6wrafbe36fp5l67abmewk7i2eob5wacdbhz7as5obe" },
        { "120b0a09015500050001020304120e0a09015500050001020304120161120e0a09015500050001020304120161", "bafybeidrg2f6slbv4yzydqtgmsi2vzojajnt7iufcreynfpxndca4z5twm" },
        { "120b0a0901550005000102030412100a09015500050001020304120362617212100a090155000500010203041203666f6f", "bafybeiahfgovhod2uvww72vwdgatl5r6qkoeegg7at2bghiokupfphqcku" },
        {
            "12340a2212208ab7a6c5e74737878ac73863cb76739d15d4666de44e5756bf55a2f9e9ab5f431209736f6d65206c696e6b1880c2d72f1237"
            + "0a2212208ab7a6c5e74737878ac73863cb76739d15d4666de44e5756bf55a2f9e9ab5f44120f736f6d65206f74686572206c696e6b18080a"
            + "09736f6d652064617461",
            "bafybeibh647pmxyksmdm24uad6b5f7tx4dhvilzbg2fiqgzll4yek7g7y4"
        },
    };

    /// <summary>The blocks alone.</summary>
    public static byte[][] Blocks => [.. All.Select(row => Convert.FromHexString(row.Data.Item1))];
}
