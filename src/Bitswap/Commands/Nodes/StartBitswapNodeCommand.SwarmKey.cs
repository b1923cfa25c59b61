using System.Security.Cryptography;
using System.Text;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Nodes;

namespace Bitswap.Commands;

/// <content>The private network that a node is started in.</content>
public sealed partial class StartBitswapNodeCommand
{
    // no path begins so, and every key as text does
    private const string KeyHeader = "/key/swarm/psk/";

    // in base16, with line ends of Windows, it has 98
    private const int MaxKeyFile = 1024;

    private string? SwarmKeyPath => SwarmKey is [{ } path] && !path.StartsWith(KeyHeader, StringComparison.Ordinal) ? GetUnresolvedProviderPathFromPSPath(path) : null;

    private NodeOptions Enclose(NodeOptions options)
    {
        if (SwarmKey is null or [])
        {
            return options;
        }

        if (Public)
        {
            throw new FaultException(Faults.InvalidSwarmKey(SwarmKeyPath, "-SwarmKey and -Public exclude each other: peers of the public network have no swarm key."));
        }

        if (SwarmKey is [""])
        {
            throw new FaultException(Faults.InvalidSwarmKey(null, "The swarm key is an empty text."));
        }

        try
        {
            byte[] key = SwarmKeyPath is { } path ? ReadKey(path) : Encoding.UTF8.GetBytes(string.Join('\n', SwarmKey));
            options = options.WithSwarmKey(key);
            CryptographicOperations.ZeroMemory(key);
        }
        catch (Exception bad) when (bad is FormatException or IOException or UnauthorizedAccessException)
        {
            string why = SwarmKeyPath is { } path ? $"The swarm key '{path}' cannot be used: {bad.Message}" : bad.Message;
            throw new FaultException(Given(nameof(SwarmKey))
                ? Faults.InvalidSwarmKey(SwarmKeyPath, why)
                : Faults.InvalidSettings(System.IO.Path.Combine(GetUnresolvedProviderPathFromPSPath(Path!), NodeSettings.FileName), nameof(SwarmKey), why));
        }

        if (SwarmKeyPath is { } file && FileRights.Of(file, follow: true) is { IsReadableByOthers: true })
        {
            WriteWarning($"Other users can read the swarm key '{file}', and so join the private network. To take that right away: chmod go-r '{file}'");
        }

        return options;
    }

    private static byte[] ReadKey(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("It is a folder.");
        }

        using FileStream file = new(path, new FileStreamOptions { BufferSize = 0 });
        if (file.Length > MaxKeyFile)
        {
            throw new FormatException($"It has {file.Length} bytes, more than {MaxKeyFile}.");
        }

        byte[] key = new byte[file.Length];
        file.ReadExactly(key);
        return key;
    }
}
