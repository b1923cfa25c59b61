using Bitswap.Dag.UnixFs.Save;

namespace Bitswap.Dag.Tests.UnixFs.Save;

public sealed class SafeNameTests
{
    public static TheoryData<string> Never => ["", ".", "..", "/", "/etc", "a/b", "../x", "a\0b", new string('n', 256), new string('é', 128)];

    public static TheoryData<string> NotEverywhere =>
    [
        "a\\b", "..\\x", "\\\\server\\share", "C:", "C:\\x", "c:x", "file:stream", "a<b", "a>b", "a\"b", "a|b", "a?b", "a*b", "a\u0001b", "a\nb",
        "con", "CON", "nul.txt", "Aux.tar.gz", "COM1", "lpt9.x", "com¹", "prn .x", "CONIN$", "dot.", "space ", "...", "a. ",
    ];

    public static TheoryData<string> Always => ["a", "a b", "100%", ".hidden", "..a", "a..b", "con1", "console", "com10", "é", "名", new string('n', 255), "~", "$x", "-rf"];

    [Theory]
    [MemberData(nameof(Never))]
    public void What_reaches_out_is_never_a_name(string name)
    {
        Assert.NotNull(SafeName.Refuse(name, NameRules.Portable));
        Assert.NotNull(SafeName.Refuse(name, NameRules.System));
    }

    [Theory]
    [MemberData(nameof(NotEverywhere))]
    public void What_some_system_reads_otherwise_is_a_name_only_where_it_is_asked_for(string name)
    {
        Assert.NotNull(SafeName.Refuse(name, NameRules.Portable));
        Assert.Equal(OperatingSystem.IsWindows(), SafeName.Refuse(name, NameRules.System) is not null);
    }

    [Theory]
    [MemberData(nameof(Always))]
    public void Other_names_are_names(string name) => Assert.Null(SafeName.Refuse(name, NameRules.Portable));

    [Theory]
    [InlineData("b", 0)]
    [InlineData("./b/c", 0)]
    [InlineData("../b", 1)]
    [InlineData("../../b", 2)]
    [InlineData("..", 1)]
    [InlineData(".", 0)]
    public void A_link_within_is_taken(string target, int depth) => Assert.Null(SafeName.RefuseTarget(target, depth, NameRules.Portable));

    [Theory]
    [InlineData("", 3)]
    [InlineData("/etc/passwd", 3)]
    [InlineData("..", 0)]
    [InlineData("../../b", 1)]
    [InlineData("./../b", 0)]
    [InlineData("a/..", 3)]
    [InlineData("a/../../../../b", 1)]
    [InlineData("..\\b", 3)]
    [InlineData("C:\\b", 3)]
    [InlineData("nul", 3)]
    [InlineData("a\0b", 3)]
    public void A_link_that_could_lead_out_is_refused(string target, int depth) =>
        Assert.NotNull(SafeName.RefuseTarget(target, depth, NameRules.Portable));
}
