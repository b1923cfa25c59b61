BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $pwsh = [Environment]::ProcessPath

    function Invoke-Fresh {
        param([string] $Script)

        $output = & $pwsh -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; $Script" 2>&1
        if ($LASTEXITCODE -ne 0) {
            throw "$output"
        }

        $output
    }
}

Describe 'The load contexts' {
    It 'keep <_> out of the default one' -ForEach 'Google.Protobuf', 'Microsoft.Extensions.Logging.Abstractions', 'Bitswap.Protocol', 'Bitswap.Libp2p', 'Bitswap.Node' {
        $loaded = Invoke-Fresh "Import-Module '$ManifestPath'; Start-BitswapNode | Stop-BitswapNode; [Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach{ `$_.GetName().Name }"
        $loaded | Should -Contain 'Bitswap'
        $loaded | Should -Not -Contain $_
    }

    It 'give packages to nobody else' {
        $found = Invoke-Fresh "Import-Module '$ManifestPath'; Start-BitswapNode | Stop-BitswapNode; try { [Reflection.Assembly]::Load('Google.Protobuf').FullName } catch { 'none' }"
        $found | Should -Be 'none'
    }

    It 'leave a session with Google.Protobuf 3.10.1 in peace' {
        $folder = New-TemporaryFolder
        try {
            Set-Content -LiteralPath "$folder/Old.csproj" -Value @'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>
    <CopyLocalLockFileAssemblies>true</CopyLocalLockFileAssemblies>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Google.Protobuf" Version="3.10.1" /></ItemGroup>
</Project>
'@
            $build = & dotnet build "$folder/Old.csproj" -o "$folder/out" -v quiet -nologo 2>&1
            if ($LASTEXITCODE -ne 0 -or -not (Test-Path "$folder/out/Google.Protobuf.dll")) {
                Set-ItResult -Skipped -Because "Google.Protobuf 3.10.1 cannot be restored: $($build | Select-Object -Last 1)"
                return
            }

            $result = Invoke-Fresh @"
Add-Type -LiteralPath '$folder/out/Google.Protobuf.dll'
Import-Module '$ManifestPath'
`$a = Start-BitswapNode; `$b = Start-BitswapNode
`$null = `$a | Connect-BitswapPeer -Node `$b
'over two Protobufs' | Add-BitswapBlock -Node `$a | Get-BitswapBlock -Node `$b -AsString
[Google.Protobuf.ByteString].Assembly.GetName().Version.ToString()
"@
            $result | Should -Be @('over two Protobufs', '3.10.1.0')
        }
        finally {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

Describe 'Type names' {
    It '[Bitswap.<_>] resolves' -ForEach 'Cid', 'PeerId', 'Multiaddr', 'Multihash', 'IBlockstore', 'Blockstore', 'BitswapException', 'BitswapNode', 'BitswapBlock' {
        "Bitswap.$_" -as [type] | Should -Not -BeNullOrEmpty
        "bitswap.$_".ToLowerInvariant() -as [type] | Should -Be ("Bitswap.$_" -as [type])
    }

    It 'a CID compares, sorts and converts' {
        $text = 'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'
        $cid = [Bitswap.Cid] $text
        $cid -eq [Bitswap.Cid]::Parse("/ipfs/$text") | Should -BeTrue
        "$cid" | Should -Be $text
        $other = [Bitswap.Cid] 'bafkreicin2sgejgrxnh3nahtj56jvwlkr4sozcf6opvi4wtmmuta5hfyu4'
        @($other, $cid | Sort-Object)[0] | Should -Be $cid
    }
}

Describe 'Importing' {
    It 'opens no socket and starts no node' {
        $result = Invoke-Fresh "Import-Module '$ManifestPath'; (Get-BitswapNode | Measure-Object).Count"
        $result | Should -Be 0
    }

    It 'works again and again in one session' {
        Invoke-Fresh "1..3 | ForEach-Object { Import-Module '$ManifestPath' -Force; `$n = Start-BitswapNode; 'x' | Add-BitswapBlock | Get-BitswapBlock -AsString }" | Should -Be 'x', 'x', 'x'
    }
}
