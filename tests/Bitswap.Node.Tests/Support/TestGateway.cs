using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bitswap.Node.Networks.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Tests.Support;

/// <summary>A trustless gateway on loopback that has what a test gives it, and fails as a test says.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2? _certificate;
    private readonly ConcurrentDictionary<string, byte[]> _blocks = new();
    private readonly ConcurrentQueue<TestRequest> _requests = new();
    private int _underWay;
    private int _maxUnderWay;

    private TestGateway(WebApplication app, X509Certificate2? certificate)
    {
        _app = app;
        _certificate = certificate;
        Hooks = new GatewayHooks(IsTrusted: (_, given, _, _) => certificate is not null && given?.GetCertHashString() == certificate.GetCertHashString());
        app.Run(ServeAsync);
    }

    /// <summary>Gets where it listens.</summary>
    public Uri Uri { get; private set; } = null!;

    /// <summary>Gets its address as a peer.</summary>
    public HttpAddress Address => HttpAddress.Of(Uri);

    /// <summary>Gets what makes a node trust its certificate.</summary>
    public GatewayHooks Hooks { get; }

    /// <summary>Gets the requests for blocks, without those that only find out whether it is a gateway.</summary>
    public IReadOnlyCollection<TestRequest> Requests => _requests;

    /// <summary>Gets the requests that were under way at once, at the most.</summary>
    public int MaxUnderWay => Volatile.Read(ref _maxUnderWay);

    /// <summary>Gets or sets what it does in the place of answering a request for a block; false has it answer in order.</summary>
    public Func<HttpContext, Task<bool>> Fault { get; set; } = static _ => Task.FromResult(false);

    /// <summary>Gets how it makes CARs.</summary>
    public TestCars Cars { get; } = new();

    /// <summary>Gets the requests for CARs.</summary>
    public IReadOnlyList<TestRequest> CarRequests => [.. _requests.Where(static request => request.IsForCar)];

    /// <summary>Gets the requests for blocks alone.</summary>
    public IReadOnlyList<TestRequest> BlockRequests => [.. _requests.Where(static request => !request.IsForCar)];

    /// <summary>Gets or sets the status of the answer to the request that finds out whether it is a gateway.</summary>
    public int Greeting { get; set; } = 200;

    /// <summary>Gets or sets whether it takes HEAD.</summary>
    public bool TakesHead { get; set; } = true;

    /// <summary>Starts one.</summary>
    /// <param name="blocks">What it has.</param>
    /// <param name="isSecure">Whether it speaks HTTPS, and with it HTTP/2.</param>
    public static async Task<TestGateway> StartAsync(IEnumerable<Block> blocks, bool isSecure = false)
    {
        X509Certificate2? certificate = isSecure ? CreateCertificate() : null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        TestGateway gateway = new(builder.Build(), certificate);
        foreach (Block block in blocks)
        {
            gateway.Put(block);
        }

        await gateway._app.StartAsync();
        gateway.Uri = new Uri(gateway._app.Urls.Single());
        return gateway;
    }

    /// <summary>Has it answer every request for a block with a status.</summary>
    public void FailWith(int status, string? retryAfter = null, string? body = null) => Fault = async context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        await context.Response.WriteAsync(body ?? "");
        return true;
    };

    /// <summary>Has it do something in the place of answering a request for a CAR; false has it answer in order.</summary>
    public void FailCars(Func<HttpContext, Task<bool>> fault) => Fault = context => context.Request.Query["format"] == "car" ? fault(context) : Task.FromResult(false);

    /// <summary>Gives it a block, under its CID or another's.</summary>
    public void Put(Block block, Cid? under = null) => _blocks[(under ?? block.Cid).ToString()] = block.Data.ToArray();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate?.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        string path = request.Path.Value ?? "";
        string cid = path[(path.LastIndexOf('/') + 1)..];
        if (request.Method == "HEAD" && !TakesHead)
        {
            context.Response.StatusCode = 405;
            return;
        }

        if (cid == "bafkqaaa")
        {
            context.Response.StatusCode = Greeting;
            context.Response.Headers.Server = "test-gateway";
            return;
        }

        _requests.Enqueue(new TestRequest(request.Method, path, request.QueryString.Value ?? "", request.Headers.Accept.ToString(), request.Protocol));
        int now = Interlocked.Increment(ref _underWay);
        InterlockedMax(ref _maxUnderWay, now);
        try
        {
            if (await Fault(context))
            {
                return;
            }

            if (request.Query["format"] == "car")
            {
                await Cars.ServeAsync(context, Cid.Parse(cid), _blocks);
                return;
            }

            if (!_blocks.TryGetValue(cid, out byte[]? data))
            {
                context.Response.StatusCode = 404;
                return;
            }

            context.Response.ContentType = "application/vnd.ipld.raw";
            context.Response.ContentLength = data.Length;
            if (request.Method == "GET")
            {
                await context.Response.Body.WriteAsync(data, context.RequestAborted);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen && Interlocked.CompareExchange(ref target, value, seen) is int other && other != seen)
        {
            seen = other;
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=gateway.example", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("gateway.example");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}

/// <summary>A request that a gateway was sent.</summary>
internal sealed record TestRequest(string Method, string Path, string Query, string Accept, string Protocol)
{
    /// <summary>Gets whether it is for a CAR.</summary>
    public bool IsForCar => Query.Contains("format=car", StringComparison.Ordinal);
}
