using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Interop;

/// <summary>The Helia peer of tests/interop, installed from its lock file on first use.</summary>
public sealed class HeliaInstallation : IAsyncLifetime
{
    private string? _missing;

    internal static string Folder => InteropPackages.Folder;

    public async ValueTask InitializeAsync() => _missing = await InteropPackages.EnsureAsync();

    public ValueTask DisposeAsync() => default;

    /// <summary>Starts the peer, or skips the test with the reason.</summary>
    internal PeerProcess Start(params string[] arguments) => StartScript("peer.mjs", arguments);

    /// <summary>Starts a script of tests/interop, or skips the test with the reason.</summary>
    internal PeerProcess StartScript(string script, params string[] arguments)
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return PeerProcess.Start("node", [Path.Combine(Folder, script), .. arguments]);
    }
}
