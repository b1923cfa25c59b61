BeforeAll { . "$PSScriptRoot/Common.ps1" }

Describe 'Get-BitswapCid' {
    It 'computes without a node' {
        Get-BitswapNode | Should -BeNullOrEmpty
        "$(Get-BitswapCid 'hello')" | Should -Be 'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'
        (Get-BitswapCid 'hello').Size | Should -Be 5
        "$('hello' | Get-BitswapCid -Version 0)" | Should -Match '^Qm[1-9A-HJ-NP-Za-km-z]{44}$'
    }

    It 'computes of files' {
        $file = New-TemporaryFile
        try {
            [IO.File]::WriteAllText($file.FullName, 'hello')
            $info = Get-BitswapCid -Path $file.FullName
            "$info" | Should -Be 'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'
            $info.Path | Should -Be $file.FullName
            (Get-Item $file.FullName | Get-BitswapCid).Cid | Should -Be $info.Cid
        }
        finally {
            Remove-Item -LiteralPath $file.FullName
        }

        (Get-Failure { Get-BitswapCid -Path /no/such/file -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^PathNotFound,'
    }

    It 'takes a CID apart' {
        $info = Get-BitswapCid -Cid bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq
        $info.Version | Should -Be 1
        $info.Codec | Should -Be 'raw'
        $info.HashAlgorithm | Should -Be 'sha2-256'
        $info.Digest | Should -Be '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
        $info.Base | Should -Be 'base32'
    }

    It 'takes a text that is a CID for data, and says so once' {
        $text = 'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'
        $info = Get-BitswapCid $text -WarningVariable told -WarningAction SilentlyContinue
        $info.Size | Should -Be $text.Length
        "$info" | Should -Not -Be $text
        $told | Should -HaveCount 1
        "$told" | Should -BeLike "*Get-BitswapCid -Cid $text"
        $null = $text, "/ipfs/$text", 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn' | Get-BitswapCid -WarningVariable told -WarningAction SilentlyContinue
        $told | Should -HaveCount 1
        $null = 'hello', '', 'bafkrei', 'Qm' | Get-BitswapCid -WarningVariable told
        $told | Should -BeNullOrEmpty
        $null = Get-BitswapCid -Cid $text -WarningVariable told
        $told | Should -BeNullOrEmpty
    }

    It 'converts' {
        # the empty directory, as the network has it in both versions
        $v0 = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'
        $v1 = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
        "$(Get-BitswapCid -Cid $v0 -Version 1)" | Should -Be $v1
        "$(Get-BitswapCid -Cid $v1 -Version 0)" | Should -Be $v0
        $z = "$(Get-BitswapCid -Cid $v1 -Base base58btc)"
        $z | Should -Match '^z'
        "$(Get-BitswapCid -Cid $z)" | Should -Be $v1
        (Get-Failure { Get-BitswapCid -Cid $v0 -Base base32 -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^UnsupportedCidVersion,'
        (Get-Failure { Get-BitswapCid -Cid bafkqaaa -Version 0 -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^UnsupportedCidVersion,'
        (Get-Failure { Get-BitswapCid -Cid $v1 -Base base99 }).FullyQualifiedErrorId | Should -Match '^UnknownName,'
        (Get-Failure { Get-BitswapCid -Cid nonsense -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^InvalidCid,'
    }
}
