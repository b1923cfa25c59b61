using Bitswap.Tests.Shared;

namespace Bitswap.Tests;

/// <summary>What a build lays out for Bitswap.psd1.</summary>
public sealed class ModuleLayoutTests
{
#if DEBUG
    private static readonly string _folder = Path.Combine(SharedData.RepositoryRoot, "bin", "Debug", "Bitswap");
#else
    private static readonly string _folder = Path.Combine(SharedData.RepositoryRoot, "bin", "Bitswap");
#endif

    [Theory]
    [InlineData("Bitswap.dll")]
    [InlineData("Bitswap.psm1")]
    [InlineData("Bitswap.Format.ps1xml")]
    [InlineData("deps/Bitswap.Multiformats.dll")]
    [InlineData("deps/Bitswap.Protocol.dll")]
    [InlineData("deps/Bitswap.Dag.dll")]
    [InlineData("deps/Bitswap.Libp2p.dll")]
    [InlineData("deps/Bitswap.Node.dll")]
    [InlineData("deps/Blake3.dll")]
    [InlineData("deps/BouncyCastle.Cryptography.dll")]
    [InlineData("deps/DnsClient.dll")]
    [InlineData("deps/Google.Protobuf.dll")]
    [InlineData("deps/Microsoft.Extensions.Logging.Abstractions.dll")]
    [InlineData("deps/QRCoder.dll")]
    [InlineData("deps/Serilog.dll")]
    [InlineData("deps/Serilog.Sinks.File.dll")]
    public void It_has_what_the_module_needs(string file) => Assert.True(File.Exists(Path.Combine(_folder, file)), file);

    [Fact]
    public void It_has_no_powershell_of_its_own() =>
        Assert.Empty(Directory.EnumerateFiles(_folder, "System.Management.Automation*", SearchOption.AllDirectories));

    [Fact]
    public void Nothing_but_the_imported_assembly_lies_where_powershell_would_find_it() =>
        Assert.Equal(["Bitswap.dll"], Directory.EnumerateFiles(_folder, "*.dll").Select(Path.GetFileName));
}
