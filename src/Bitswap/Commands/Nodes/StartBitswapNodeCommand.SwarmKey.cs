using System.Security.Cryptography;
using System.Text;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Errors;
using Bitswap.Node;

namespace Bitswap.Commands;

/// <content>The private network that a node is started in.</content>
public sealed partial class StartBitswapNodeCommand
{
    // no path begins so, and every key as text does
    private const string KeyHeader = "/key/swarm/psk/";

    // in base16, with line ends of Windows, it has 98
    private const int MaxKeyFile = 1024;

    private string? SwarmKeyPath => SwarmKey is null || SwarmKey.StartsWith(KeyHeader, StringComparison.Ordinal) ? null : GetUnresolvedProviderPathFromPSPath(SwarmKey);

    private NodeOptions Enclose(NodeOptions options)
    {
        if (SwarmKey is null)
        {
            return options;
        }

        if (Public)
        {
            throw new FaultException(Faults.InvalidSwarmKey(SwarmKeyPath, "-SwarmKey and -Public exclude each other: peers of the public network have no swarm key."));
        }

        byte[] key = SwarmKeyPath is { } path ? ReadKey(path) : Encoding.UTF8.GetBytes(SwarmKey);
        try
        {
            return options.WithSwarmKey(key);
        }
        catch (FormatException exception)
        {
            throw new FaultException(Faults.InvalidSwarmKey(SwarmKeyPath, exception.Message));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private byte[] ReadKey(string path)
    {
        try
        {
            using FileStream file = new(path, new FileStreamOptions { BufferSize = 0 });
            if (file.Length > MaxKeyFile)
            {
                throw new FaultException(Faults.InvalidSwarmKey(path, $"'{path}' is no swarm key: it has {file.Length} bytes, more than {MaxKeyFile}."));
            }

            if (FileRights.Of(path, follow: true) is { IsReadableByOthers: true })
            {
                WriteWarning($"Other users can read the swarm key '{path}', and so join the private network. To take that right away: chmod go-r '{path}'");
            }

            byte[] key = new byte[file.Length];
            file.ReadExactly(key);
            return key;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FaultException(Faults.InvalidSwarmKey(path, $"There is no file '{path}', and the text is no swarm key either."));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(Faults.ReadFailed(path, cause));
        }
    }
}
