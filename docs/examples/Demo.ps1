<#
.SYNOPSIS
    Moves a file between two PowerShell processes over Bitswap, and compares the hashes of both copies.
.EXAMPLE
    ./Demo.ps1 -Path ./LICENSE
#>
[CmdletBinding()]
param(
    # The file to move. The default is 32 MiB of random data.
    [string] $Path
)

$ErrorActionPreference = 'Stop'
$folder = (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "bitswap-demo-$([guid]::NewGuid().ToString('N'))")).FullName
$provider = $null
try {
    if (-not $Path) {
        $Path = Join-Path $folder 'random.bin'
        [IO.File]::WriteAllBytes($Path, [Security.Cryptography.RandomNumberGenerator]::GetBytes(32MB))
    }

    $pwsh = & (Join-Path $PSScriptRoot 'Get-PowerShellHost.ps1')
    $start = [Diagnostics.ProcessStartInfo]::new($pwsh.FilePath)
    $script = '-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot 'Provider.ps1'), '-Path', (Convert-Path -LiteralPath $Path), '-StopFile', (Join-Path $folder 'stop')
    foreach ($argument in @($pwsh.ArgumentList) + $script) {
        $start.ArgumentList.Add($argument)
    }

    $start.RedirectStandardOutput = $true
    $provider = [Diagnostics.Process]::Start($start)
    $line = $provider.StandardOutput.ReadLine()
    if (-not $line) {
        throw 'The provider ended before it served anything.'
    }

    $offer = $line | ConvertFrom-Json
    "Provider (process $($provider.Id)): $($offer.address)"
    "File:      $Path"
    "CID:       $($offer.cid)"

    $copy = Join-Path $folder 'copy'
    $result = & (Join-Path $PSScriptRoot 'Client.ps1') -Address $offer.address -Cid $offer.cid -Destination $copy
    "Client (process $PID): $($result.Blocks) blocks, $($result.Size) bytes in $($result.Seconds) s$(if ($result.Size -ge 1MB) { ": $($result.MiBps) MiB/s" })"

    $sent = (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash
    $received = (Get-FileHash -LiteralPath $copy -Algorithm SHA256).Hash
    if ($sent -ne $received) {
        throw "The copy differs: sent $sent, received $received."
    }

    "SHA-256:   $received (the same at both ends)"
}
finally {
    if ($provider) {
        $null = New-Item -ItemType File -Path (Join-Path $folder 'stop')
        if (-not $provider.WaitForExit(15000)) {
            $provider.Kill()
        }

        $provider.Dispose()
    }

    Remove-Item -LiteralPath $folder -Recurse -Force
}
