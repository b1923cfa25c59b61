# A router (Delegated Routing V1 HTTP API) on loopback, for the tests of what asks one. Files dot-source this after Common.ps1.
if (-not ('BitswapTestRouter' -as [type])) {
    Add-Type -TypeDefinition @'
using System;
using System.Collections.Concurrent;
using System.IO;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

public sealed class BitswapTestRouter : IDisposable
{
    private readonly TcpListener _listener = new TcpListener(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new CancellationTokenSource();

    public BitswapTestRouter()
    {
        _listener.Start();
        _ = RunAsync();
    }

    // what is answered for a CID, or for the CID of a peer; for others, 404, or nothing at all
    public ConcurrentDictionary<string, string> Answers { get; } = new ConcurrentDictionary<string, string>();
    // the records of names, which are answered as such
    public ConcurrentDictionary<string, byte[]> Records { get; } = new ConcurrentDictionary<string, byte[]>();
    // the CARs of roots, which are answered as such
    public ConcurrentDictionary<string, byte[]> Cars { get; } = new ConcurrentDictionary<string, byte[]>();
    // lines of the head of every answer
    public string Head { get; set; } = "";
    // begins every answer, as a byte order mark does
    public byte[] Mark { get; set; } = new byte[0];
    public bool IsCompressed { get; set; }
    public ConcurrentQueue<string> Requests { get; } = new ConcurrentQueue<string>();
    public string Status { get; set; } = "200 OK";
    public string Type { get; set; } = "application/x-ndjson";
    public bool IsSilent { get; set; }
    // begins its answers and does not end them
    public bool IsEndless { get; set; }
    public Uri Uri { get { return new Uri("http://127.0.0.1:" + ((IPEndPoint)_listener.LocalEndpoint).Port); } }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true) { _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)); }
        }
        catch (Exception e) when (e is OperationCanceledException || e is SocketException || e is ObjectDisposedException) { }
    }

    private byte[] Coded(string body)
    {
        MemoryStream coded = new MemoryStream();
        Stream target = IsCompressed ? (Stream)new GZipStream(coded, CompressionMode.Compress) : coded;
        target.Write(Mark, 0, Mark.Length);
        byte[] text = Encoding.UTF8.GetBytes(body);
        target.Write(text, 0, text.Length);
        target.Dispose();
        return coded.ToArray();
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                byte[] head = new byte[8192];
                int length = 0, read;
                while (Encoding.ASCII.GetString(head, 0, length).IndexOf("\r\n\r\n") < 0 && (read = await stream.ReadAsync(head, length, head.Length - length, _stop.Token)) > 0) { length += read; }
                string path = Encoding.ASCII.GetString(head, 0, length).Split(' ')[1];
                Requests.Enqueue(path);
                if (Encoding.ASCII.GetString(head, 0, 4) == "PUT ")
                {
                    // the record of a name, which is answered from then on
                    string text = Encoding.ASCII.GetString(head, 0, length);
                    int begin0 = text.IndexOf("\r\n\r\n") + 4;
                    int at = text.IndexOf("Content-Length: ") + 16;
                    byte[] put = new byte[int.Parse(text.Substring(at, text.IndexOf('\r', at) - at))];
                    Array.Copy(head, begin0, put, 0, length - begin0);
                    for (int have = length - begin0; have < put.Length && (read = await stream.ReadAsync(put, have, put.Length - have, _stop.Token)) > 0; have += read) { }
                    if (IsSilent) { await Task.Delay(-1, _stop.Token); }
                    if (Status.StartsWith("200")) { Records[path.Substring(path.LastIndexOf('/') + 1)] = put; }
                    byte[] taken = Encoding.ASCII.GetBytes("HTTP/1.1 " + Status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    await stream.WriteAsync(taken, 0, taken.Length, _stop.Token);
                    return;
                }
                byte[] car;
                if (path.Contains("?format=car&") && Cars.TryGetValue(path.Substring(6, path.IndexOf('?') - 6), out car))
                {
                    byte[] first = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ipld.car; version=1; order=dfs; dups=n\r\nConnection: close\r\n\r\n");
                    await stream.WriteAsync(first, 0, first.Length, _stop.Token);
                    await stream.WriteAsync(car, 0, car.Length, _stop.Token);
                    return;
                }
                byte[] record;
                if (Records.TryGetValue(path.Substring(path.LastIndexOf('/') + 1), out record))
                {
                    byte[] begin = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ipfs.ipns-record\r\nConnection: close\r\n\r\n");
                    await stream.WriteAsync(begin, 0, begin.Length, _stop.Token);
                    await stream.WriteAsync(record, 0, record.Length, _stop.Token);
                    return;
                }
                string body;
                bool found = Answers.TryGetValue(path.Substring(path.LastIndexOf('/') + 1), out body);
                if (!found && IsSilent) { await Task.Delay(-1, _stop.Token); }
                string status = found || !Status.StartsWith("200") ? Status : "404 Not Found";
                byte[] start = Encoding.UTF8.GetBytes("HTTP/1.1 " + status + "\r\nContent-Type: " + Type + "\r\n" + Head + (IsCompressed ? "Content-Encoding: gzip\r\n" : "") + "Connection: close\r\n\r\n");
                await stream.WriteAsync(start, 0, start.Length, _stop.Token);
                byte[] answer = Coded(found ? body : "");
                await stream.WriteAsync(answer, 0, answer.Length, _stop.Token);
                if (IsEndless) { await Task.Delay(-1, _stop.Token); }
            }
            catch (Exception e) when (e is OperationCanceledException || e is System.IO.IOException) { }
        }
    }
}

// a name server on loopback, over UDP, that answers questions for TXT records
public sealed class BitswapTestDns : IDisposable
{
    private readonly Socket _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new CancellationTokenSource();

    public BitswapTestDns()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = ServeAsync();
    }

    // a text of less than 256 characters for a name; others do not exist
    public ConcurrentDictionary<string, string> Texts { get; } = new ConcurrentDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
    public ConcurrentQueue<string> Asked { get; } = new ConcurrentQueue<string>();
    public string Address { get { return _socket.LocalEndPoint.ToString(); } }

    public void Dispose()
    {
        _stop.Cancel();
        _socket.Dispose();
    }

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                byte[] answer = Answer(buffer);
                await _socket.SendToAsync(answer, SocketFlags.None, received.RemoteEndPoint, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException || e is SocketException || e is ObjectDisposedException) { }
    }

    private byte[] Answer(byte[] question)
    {
        int end = 12;
        string name = "";
        while (question[end] != 0)
        {
            name += (name.Length == 0 ? "" : ".") + Encoding.ASCII.GetString(question, end + 1, question[end]);
            end += 1 + question[end];
        }
        end += 5;
        Asked.Enqueue(name);
        string text;
        bool exists = Texts.TryGetValue(name, out text);
        MemoryStream answer = new MemoryStream();
        answer.Write(question, 0, end);
        if (exists)
        {
            // the name of the question, TXT, IN, a minute
            byte[] data = Encoding.ASCII.GetBytes(text);
            byte[] head = { 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, (byte)(data.Length + 1), (byte)data.Length };
            answer.Write(head, 0, head.Length);
            answer.Write(data, 0, data.Length);
        }
        byte[] bytes = answer.ToArray();
        bytes[2] = 0x81;
        bytes[3] = (byte)(exists ? 0x80 : 0x83);
        bytes[7] = (byte)(exists ? 1 : 0);
        bytes[8] = bytes[9] = bytes[10] = bytes[11] = 0;
        return bytes;
    }
}
'@
}

# Has a router answer for a new IPNS name, and gives the name: the module makes the record, and signs it with a key of its own.
function New-NameRecord {
    param([BitswapTestRouter] $Router, [string] $Value, [ulong] $Sequence = 0, [timespan] $Ttl = '00:05:00', [timespan] $Valid = '1.00:00:00')

    $assemblies = [AppDomain]::CurrentDomain.GetAssemblies()
    $type = { param($room, $name) ($assemblies | Where-Object { $_.GetName().Name -eq $room } | Select-Object -First 1).GetType($name, $true) }
    $key = (& $type 'Bitswap.Libp2p' 'Bitswap.Libp2p.Crypto.PrivateKey').GetMethod('Generate').Invoke($null, @())
    $record = (& $type 'Bitswap.Node' 'Bitswap.Node.Names.IpnsRecord').GetMethod('Create').Invoke($null, @($key, $Value, $Sequence, ([DateTimeOffset]::UtcNow + $Valid), $Ttl))
    $bytes = $record.GetType().GetProperty('Bytes').GetValue($record)
    $name = (Get-BitswapCid -Cid "$($key.PeerId.ToCid())" -Base base36).Text
    $Router.Records[$name] = $bytes.ToArray()
    $name
}

# A record of a provider as a router writes it.
function ConvertTo-ProviderRecord {
    param([Parameter(ValueFromPipeline)] $Node, [string[]] $Protocols = 'transport-bitswap')

    process {
        [ordered]@{ Schema = 'peer'; ID = "$($Node.PeerId)"; Addrs = @($Node.Addresses | ForEach-Object { $_ -replace '/p2p/.*' }); Protocols = $Protocols } | ConvertTo-Json -Compress
    }
}

# Has a router answer for a block with these nodes.
function Set-Provider {
    param([BitswapTestRouter] $Router, $Cid, [object[]] $Node)

    $Router.Answers["$Cid"] = (@($Node | ConvertTo-ProviderRecord) -join "`n") + "`n"
}
