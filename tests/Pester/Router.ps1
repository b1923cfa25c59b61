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
'@
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
